"""edge-config: healthy."""

from demo.engine.model import Trigger
from demo.files import GO
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import approval, codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "edge-config",
    "us-east-1",
    "",
    "nothing",
    "nothing to do",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/edge-config"
    kit.repository(repository, files={"buildspec.yml": GO}, head="Tune connection pool", author="milo", age_s=2.2 * DAY)
    kit.project("edge-config", region)
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("edge-config")),
            stage(
                "Release",
                approval("Release"),
                codebuild("edge-config", "Push", inputs="BuildArtifact", output="", order=2),
            ),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 21, every_s=33 * HOUR, ended_s_ago=2.1 * DAY, trigger=trigger)
