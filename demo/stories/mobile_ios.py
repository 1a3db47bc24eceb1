"""mobile-ios: a hung build holds the stage, and others queue behind it."""

from demo.engine.model import Trigger
from demo.files import APPLE
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "mobile-ios",
    "eu-west-1",
    "flow.stage-busy",
    "the tests of one execution have hung for three hours in a simulator; two more executions wait before Build",
    "codebuild StopBuild on the hung build (or StopPipelineExecution); the next execution goes on",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/mobile-ios"
    held = kit.repository(repository, files={"buildspec.yml": APPLE}, age_s=2 * DAY)
    kit.amend(held, "Test the camera in the simulator", "cleo", 11300, facts={"hangs": True})
    kit.project("mobile-ios", region, compute="BUILD_GENERAL1_LARGE", limit=1, timeout_min=480)
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("mobile-ios")),
            stage("Beta", codebuild("mobile-ios", "Upload", inputs="BuildArtifact", output="")),
        ],
        mode="QUEUED",
        triggers=[push_trigger()],
    )
    pipeline.definition["stages"][2]["actions"][0]["configuration"]["ProjectName"] = "mobile-ios"
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 38, every_s=13 * HOUR, ended_s_ago=2 * DAY, trigger=trigger)
    kit.run(pipeline, 11200, trigger)
    kit.at(
        7300, lambda: kit.amend(held, "Do not test the camera in the simulator", "cleo", 7300, facts={"hangs": None})
    )
    kit.run(pipeline, 7200, trigger)
    kit.run(pipeline, 3500, Trigger("StartPipelineExecution", kit.user("cleo")))
