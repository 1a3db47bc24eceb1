"""loyalty: a parameter of the build does not exist."""

from demo.engine.model import Trigger
from demo.files import PYTHON
from demo.kit import DAY, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "loyalty",
    "us-east-1",
    "build.env-secret",
    "the buildspec reads the parameter /loyalty/prod/partner-token, which is not there",
    "ssm PutParameter /loyalty/prod/partner-token; RetryStageExecution Build",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/loyalty"
    spec = PYTHON.replace(
        "version: 0.2\n",
        "version: 0.2\nenv:\n  parameter-store:\n    PARTNER_TOKEN: /loyalty/prod/partner-token\n"
        "    FEED_URL: /loyalty/prod/feed-url\n",
    )
    kit.world.secrets.add_parameter(region, "/loyalty/prod/feed-url", "https://feed.example.com/v2", "String")
    kit.repository(
        repository,
        files={"buildspec.yml": spec},
        head="Read the partner token from Parameter Store",
        author="hugo",
        age_s=15400,
    )
    kit.project("loyalty", region)
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("loyalty")),
            stage("Publish", codebuild("loyalty", "Package", inputs="BuildArtifact", output="Package")),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 22, every_s=DAY, ended_s_ago=1.1 * DAY, trigger=trigger)
    kit.run(pipeline, 15300, trigger)
