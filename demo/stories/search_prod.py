"""search-prod: somebody froze the last stage."""

from demo.engine.model import Trigger
from demo.files import PYTHON, script
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "search-prod",
    "eu-west-1",
    "flow.transition-disabled",
    "the transition into Prod is disabled: index freeze for the autumn sale",
    "EnableStageTransition Prod",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/search-config"
    kit.repository(
        repository, files={"buildspec.yml": PYTHON}, head="Rank stocked items first", author="finn", age_s=25 * HOUR
    )
    kit.project("search-config", region)
    # For the audit: an image past its support, and a privileged build that runs no Docker.
    kit.project(
        "search-config-apply",
        region,
        buildspec=script("./scripts/apply.sh"),
        image="aws/codebuild/standard:5.0",
        privileged=True,
        retention_days=None,
    )
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("search-config")),
            stage("Staging", codebuild("search-config-apply", "Apply", inputs="BuildArtifact", output="")),
            stage("Prod", codebuild("search-config-apply", "ApplyProd", inputs="BuildArtifact", output="")),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 26, every_s=26 * HOUR, ended_s_ago=3 * DAY, trigger=trigger)
    kit.freeze_stage(
        pipeline, "Prod", 2.2 * DAY, "Index freeze for the autumn sale, ask #search before enabling", "finn"
    )
    kit.run(pipeline, 24.9 * HOUR, trigger)
