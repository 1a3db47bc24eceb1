"""docs-site: healthy, deployed to a bucket."""

from demo.engine.model import Trigger
from demo.files import SITE
from demo.kit import DAY, HOUR, Kit, action, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "docs-site",
    "us-east-1",
    "",
    "nothing",
    "nothing to do",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/docs"
    kit.repository(
        repository, files={"buildspec.yml": SITE}, head="Document the health check", author="gwen", age_s=5 * HOUR
    )
    kit.named_bucket("docs-example-shop", region)
    kit.project("docs-site", region)
    publish = action(
        "Publish", "Deploy", "S3", {"BucketName": "docs-example-shop", "Extract": "true"}, inputs=("BuildArtifact",)
    )
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [github(kit, region, repository), stage("Build", codebuild("docs-site")), stage("Publish", publish)],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 23, every_s=30 * HOUR, ended_s_ago=2 * DAY, trigger=trigger)
    kit.run(pipeline, 4.9 * HOUR, trigger)
