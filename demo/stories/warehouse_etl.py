"""warehouse-etl: healthy, long-lived, and its log has more than 20,000 lines."""

from demo.engine.model import Trigger
from demo.files import DATA
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github
from demo.stories import Story

STORY = Story(
    "warehouse-etl",
    "eu-west-1",
    "",
    "nothing; the log of its Transform action is long",
    "nothing to do",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/warehouse-etl"
    kit.repository(
        repository,
        files={"buildspec.yml": DATA},
        head="Partition by delivery week",
        author="kira",
        age_s=6 * HOUR,
        facts={"log_lines": 20000},
        depth=160,
        every_s=5 * HOUR,
    )
    kit.project("warehouse-etl", region, compute="BUILD_GENERAL1_LARGE")
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Transform", codebuild("warehouse-etl", "Transform")),
            stage("Check", codebuild("warehouse-etl", "Quality", inputs="BuildArtifact", output="", category="Test")),
        ],
    )
    start = {"Effect": "Allow", "Action": "codepipeline:StartPipelineExecution", "Resource": pipeline.arn}
    role = kit.role("events-warehouse-etl", "events.amazonaws.com", [start])
    nightly = "warehouse-etl-nightly"
    rule = kit.world.rules.add(region, nightly, {}, pipeline.arn, role, schedule="cron(15 1,8,15,22 * * ? *)")
    trigger = Trigger("CloudWatchEvent", rule)
    kit.past(pipeline, 137, every_s=7 * HOUR, ended_s_ago=1 * DAY, trigger=trigger)
    kit.run(pipeline, 5.5 * HOUR, trigger)
