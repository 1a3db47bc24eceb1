"""recommendations: the bundler is killed for want of memory."""

from demo.engine.model import Trigger
from demo.files import NODE, script
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "recommendations",
    "eu-west-1",
    "build.out-of-memory",
    "webpack needs 6.4 GB, the project builds on BUILD_GENERAL1_SMALL: exit 137",
    "UpdateProject with computeType BUILD_GENERAL1_MEDIUM; RetryStageExecution Build",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/recommendations"
    held = kit.repository(repository, files={"buildspec.yml": NODE}, age_s=2 * DAY)
    kit.amend(held, "Embed the ranking model in the bundle", "kira", 5400, facts={"memory_mb": 6400})
    kit.project("recommendations", region)
    kit.project("recommendations-canary", region, buildspec=script("./scripts/canary.sh 5%"))
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("recommendations")),
            stage("Canary", codebuild("recommendations-canary", "Canary", inputs="BuildArtifact", output="")),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 27, every_s=16 * HOUR, ended_s_ago=2 * DAY, trigger=trigger)
    kit.run(pipeline, 5390, trigger)
