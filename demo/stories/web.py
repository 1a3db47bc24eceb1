"""web: parallel actions, running now."""

from demo.engine.model import Trigger
from demo.files import NODE, script
from demo.kit import HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "web",
    "eu-west-1",
    "",
    "nothing: unit tests, end-to-end tests and lint run side by side",
    "nothing to do",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/web"
    kit.repository(
        repository, files={"buildspec.yml": NODE}, head="Update dependencies", author="bo", age_s=140, flaky=0.03
    )
    commands = {"web-lint": "npm run lint", "web-unit": "npm test", "web-e2e": "npx playwright test"}
    for name, command in commands.items():
        spec = script("npm ci", command)
        kit.project(name, region, compute="BUILD_GENERAL1_MEDIUM", pace=2.5, buildspec=spec, retention_days=None)
    kit.project("web-bundle", region, compute="BUILD_GENERAL1_MEDIUM", pace=2.5)
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage(
                "Test",
                codebuild("web-lint", "Lint", output="", category="Test"),
                codebuild("web-unit", "Unit", output="", category="Test"),
                codebuild("web-e2e", "EndToEnd", output="", category="Test", order=2),
            ),
            stage("Bundle", codebuild("web-bundle", "Bundle")),
            stage("Publish", codebuild("web-bundle", "Publish", inputs="BuildArtifact", output="")),
        ],
        mode="PARALLEL",
        told=False,
        triggers=[push_trigger()],
        variables=[{"name": "LOCALES", "defaultValue": "de,en,fr", "description": "Languages to build"}],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 52, every_s=6 * HOUR, ended_s_ago=4 * HOUR, trigger=trigger)
    kit.run(pipeline, 75, trigger)
    kit.traffic(repository, "main", first_s=500, every_s=640)
