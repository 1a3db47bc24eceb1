"""identity: a secret of the build does not exist."""

from demo.engine.model import Trigger
from demo.files import PYTHON, script
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "identity",
    "eu-west-1",
    "build.env-secret",
    "the project reads the secret identity/signing-key, which is not there",
    "secretsmanager CreateSecret identity/signing-key with a JSON key private; RetryStageExecution Build",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/identity"
    kit.repository(
        repository, files={"buildspec.yml": PYTHON}, head="Rotate signing keys every 30 days", author="edda", age_s=8100
    )
    kit.world.secrets.add_secret(region, "identity/database", '{"user": "identity", "password": "not-a-real-one"}')
    variables = [
        {"name": "DB_PASSWORD", "value": "identity/database:password", "type": "SECRETS_MANAGER"},
        {"name": "SIGNING_KEY", "value": "identity/signing-key:private", "type": "SECRETS_MANAGER"},
        {"name": "STAGE", "value": "prod", "type": "PLAINTEXT"},
    ]
    kit.project("identity", region, variables=variables)
    kit.project("identity-contract-tests", region, buildspec=script("./scripts/contracts.sh"))
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("identity")),
            stage(
                "Verify",
                codebuild("identity-contract-tests", "Contracts", inputs="BuildArtifact", output="", category="Test"),
            ),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 24, every_s=21 * HOUR, ended_s_ago=1.6 * DAY, trigger=trigger)
    kit.run(pipeline, 8050, trigger)
