"""catalog: its branch was deleted."""

from demo.engine.model import Trigger
from demo.files import NODE
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "catalog",
    "eu-west-1",
    "source.branch-not-found",
    "the branch release/2026-10 was merged and deleted; only main is left",
    "UpdatePipeline with BranchName main (or push the branch again); StartPipelineExecution",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository, branch = STORY.region, "example-shop/catalog", "release/2026-10"
    held = kit.repository(repository, branch=branch, files={"buildspec.yml": NODE}, author="jonas", age_s=5 * DAY)
    kit.project("catalog", region)
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository, branch=branch),
            stage("Build", codebuild("catalog")),
            stage("Publish", codebuild("catalog", "Images", inputs="BuildArtifact", output="")),
        ],
        triggers=[push_trigger("release/*")],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 36, every_s=12 * HOUR, ended_s_ago=5 * DAY, trigger=trigger)
    kit.at(4 * DAY, lambda: held.branches.update({"main": held.branches.pop(branch)}))
    kit.run(pipeline, 26000, Trigger("StartPipelineExecution", kit.user("jonas")))
