"""notifications: the buildspec is no YAML."""

from demo.engine.model import Trigger
from demo.files import PYTHON
from demo.kit import HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "notifications",
    "eu-west-1",
    "build.buildspec-invalid",
    "a line of buildspec.yml holds a second colon, so it is no YAML",
    "push a revision whose buildspec.yml parses; it starts by itself",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/notifications"
    held = kit.repository(repository, files={"buildspec.yml": PYTHON}, age_s=9 * HOUR)
    broken = PYTHON.replace("      - ruff check .", "      - echo Checking: style: ruff check .")
    kit.amend(held, "Say what the build is doing", "bo", 2300, files={"buildspec.yml": broken})
    kit.project("notifications", region)
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("notifications")),
            stage("Publish", codebuild("notifications", "Package", inputs="BuildArtifact", output="Package")),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 31, every_s=14 * HOUR, ended_s_ago=9 * HOUR, trigger=trigger)
    kit.run(pipeline, 2290, trigger)
