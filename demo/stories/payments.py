"""payments: an approval waits for two days."""

from demo.engine.model import Trigger
from demo.files import DOCKER, script
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import approval, codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "payments",
    "eu-west-1",
    "flow.approval-waiting",
    "the approval before Prod has waited for two days; it expires after seven",
    "PutApprovalResult Approved with the token of GetPipelineState",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/payments"
    kit.repository(
        repository,
        files={"buildspec.yml": DOCKER},
        head="Use idempotency keys for refunds",
        author="alma",
        age_s=2.1 * DAY,
    )
    kit.project("payments", region, privileged=True)
    kit.project("payments-integration", region, buildspec=script("./scripts/integration.sh"))
    kit.project("payments-prod", region, buildspec=script("./scripts/promote.sh prod"))
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("payments")),
            stage(
                "Staging",
                codebuild("payments-integration", "Integration", inputs="BuildArtifact", output="", category="Test"),
            ),
            stage("Approve", approval("GoLive", "Refunds change: finance has to agree")),
            stage("Prod", codebuild("payments-prod", "Prod", inputs="BuildArtifact", output="")),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 41, every_s=19 * HOUR, ended_s_ago=4 * DAY, trigger=trigger)
    kit.run(pipeline, 2.05 * DAY, trigger)
