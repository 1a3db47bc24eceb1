"""orders: the connection has never been confirmed."""

from demo.engine.model import Trigger
from demo.files import DOCKER
from demo.kit import HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "orders",
    "eu-west-1",
    "source.connection-pending",
    "connection bitbucket-orders is PENDING",
    "confirm it in the console (POST /_demo/connections); StartPipelineExecution or RetryStageExecution Source",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/orders"
    kit.repository(repository, files={"buildspec.yml": DOCKER}, provider="Bitbucket", author="milo", age_s=30 * HOUR)
    pending = kit.connection("bitbucket-orders", region, status="PENDING", provider="Bitbucket")
    kit.project("orders", region, privileged=True)
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository, connection="bitbucket-orders"),
            stage("Build", codebuild("orders")),
            stage("Ship", codebuild("orders", "Promote", inputs="BuildArtifact", output="")),
        ],
        triggers=[push_trigger()],
    )
    kit.past(pipeline, 29, every_s=15 * HOUR, ended_s_ago=31 * HOUR, trigger=Trigger("WebhookV2", pending))
    kit.run(pipeline, 3100, Trigger("StartPipelineExecution", kit.user("nora")))
