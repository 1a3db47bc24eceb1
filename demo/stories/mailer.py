"""mailer: healthy."""

from demo.engine.model import Trigger
from demo.files import GO
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github
from demo.stories import Story

STORY = Story(
    "mailer",
    "eu-west-1",
    "",
    "nothing",
    "nothing to do",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/mailer"
    kit.repository(
        repository, files={"buildspec.yml": GO}, head="Retry on 429 with jitter", author="finn", age_s=2 * HOUR
    )
    kit.project("mailer", region)
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("mailer")),
            stage("Staging", codebuild("mailer", "Staging", inputs="BuildArtifact", output="StagingOut")),
            stage("Prod", codebuild("mailer", "Prod", inputs="BuildArtifact", output="ProdOut")),
        ],
        kind="V1",
    )
    pipeline.definition["stages"][0]["actions"][0]["configuration"]["DetectChanges"] = "true"
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 34, every_s=20 * HOUR, ended_s_ago=1.5 * DAY, trigger=trigger)
    kit.run(pipeline, 1.9 * HOUR, trigger)
