"""ledger: builds all the time, and is green."""

from demo.engine.model import Trigger
from demo.files import PYTHON, script
from demo.kit import HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "ledger",
    "eu-west-1",
    "",
    "nothing: a build is running now, and a new revision arrives every few minutes",
    "nothing to do",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/ledger"
    kit.repository(
        repository,
        files={"buildspec.yml": PYTHON},
        head="Fix rounding of VAT in split payments",
        author="nora",
        age_s=80,
        flaky=0.02,
    )
    kit.project("ledger", region, pace=3.5)
    kit.project("ledger-migrate", region, buildspec=script("./scripts/migrate.sh", "./scripts/smoke.sh"))
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("ledger")),
            stage("Migrate", codebuild("ledger-migrate", "Migrate", inputs="BuildArtifact", output="")),
            stage("Smoke", codebuild("ledger-migrate", "Smoke", inputs="BuildArtifact", output="", category="Test")),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 57, every_s=5 * HOUR, ended_s_ago=3 * HOUR, trigger=trigger)
    kit.run(pipeline, 45, trigger)
    kit.traffic(repository, "main", first_s=400, every_s=540)
