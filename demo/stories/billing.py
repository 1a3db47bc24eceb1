"""billing: the build's role may not read the artifact bucket."""

from demo.engine.model import Trigger
from demo.files import NODE, script
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "billing",
    "eu-west-1",
    "artifact.access-denied",
    "role codebuild-billing-service-role lacks s3:GetObject on the artifact bucket, so DOWNLOAD_SOURCE fails",
    "iam PutRolePolicy: allow s3:GetObject on the artifact bucket's objects; RetryStageExecution Build",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/billing"
    kit.repository(
        repository,
        files={"buildspec.yml": NODE},
        head="Validate IBANs before they are stored",
        author="lena",
        age_s=760,
    )
    kit.project("billing", region, without=("s3:GetObject", "s3:GetObjectVersion"))
    kit.project("billing-smoke", region, buildspec=script("./scripts/smoke.sh https://billing.example.com"))
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("billing")),
            stage("Smoke", codebuild("billing-smoke", "Smoke", inputs="BuildArtifact", output="", category="Test")),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 42, every_s=9 * HOUR, ended_s_ago=1.2 * DAY, trigger=trigger)
    kit.run(pipeline, 750, trigger)
