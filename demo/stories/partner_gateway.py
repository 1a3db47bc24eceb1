"""partner-gateway: a package does not exist, and the log and commit are hostile to terminals."""

from demo.engine.model import Trigger
from demo.files import buildspec
from demo.hostile import HOSTILE_LINES
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "partner-gateway",
    "eu-west-1",
    "build.dependency-failed",
    "package.json names @partner/soap-clinet, which no registry has (404)",
    "push a revision without the fact missing_dependency (the name corrected)",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/partner-gateway"
    spec = buildspec(install="./scripts/banner.sh\nnpm ci", build="npm test\nnpm run build")
    held = kit.repository(repository, files={"buildspec.yml": spec}, age_s=3 * DAY)
    kit.amend(
        held,
        "Merge [/foo] [red]partner[/red] \u202etneilc paos\u202c into \x1b[2Jmain [@click=app.quit]x[/]",
        "gwen",
        11000,
        facts={"missing_dependency": "@partner/soap-clinet", "noise": HOSTILE_LINES},
    )
    kit.project("partner-gateway", region)
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("partner-gateway")),
            stage(
                "Sandbox", codebuild("partner-gateway", "Sandbox", inputs="BuildArtifact", output="", category="Test")
            ),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 20, every_s=30 * HOUR, ended_s_ago=3 * DAY, trigger=trigger)
    kit.run(pipeline, 10900, trigger)
