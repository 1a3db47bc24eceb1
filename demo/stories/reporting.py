"""reporting: pushes start nothing, because the rule is disabled."""

from demo.engine.model import Trigger
from demo.files import PYTHON
from demo.kit import DAY, HOUR, Kit, action, stage
from demo.names import arn
from demo.shapes_of_pipelines import codebuild
from demo.stories import Story

STORY = Story(
    "reporting",
    "eu-west-1",
    "source.trigger-missing",
    "EventBridge rule codepipeline-reporting-main is DISABLED: a revision has lain there for five hours",
    "events EnableRule codepipeline-reporting-main; the next push starts the pipeline, or StartPipelineExecution now",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "reporting"
    # For the audit: secrets where everyone can read them, and nobody is told of failures.
    spec = PYTHON.replace("version: 0.2\n", "version: 0.2\nenv:\n  variables:\n    TWINE_PASSWORD: not-a-real-one-17\n")
    held = kit.repository(repository, provider="CodeCommit", files={"buildspec.yml": spec}, age_s=2.5 * DAY)
    plain = [{"name": "SMTP_PASSWORD", "value": "not-a-real-one-41", "type": "PLAINTEXT"}]
    kit.project("reporting", region, variables=plain)
    fetch = action(
        "Source",
        "Source",
        "CodeCommit",
        {
            "RepositoryName": repository,
            "BranchName": "main",
            "PollForSourceChanges": "false",
            "OutputArtifactFormat": "CODE_ZIP",
        },
        outputs=("SourceArtifact",),
        namespace="SourceVariables",
    )
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            stage("Source", fetch),
            stage("Build", codebuild("reporting")),
            stage("Publish", codebuild("reporting", "Publish", inputs="BuildArtifact", output="")),
        ],
        kind="V1",
        told=False,
    )
    start = {"Effect": "Allow", "Action": "codepipeline:StartPipelineExecution", "Resource": pipeline.arn}
    role = kit.role("cwe-role-eu-west-1-reporting", "events.amazonaws.com", [start], "start-pipeline-execution")
    pattern = {
        "source": ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        "resources": [arn("codecommit", region, repository)],
        "detail": {
            "event": ["referenceCreated", "referenceUpdated"],
            "referenceType": ["branch"],
            "referenceName": ["main"],
        },
    }
    rule = kit.world.rules.add(region, "codepipeline-reporting-main", pattern, pipeline.arn, role, enabled=False)
    trigger = Trigger("CloudWatchEvent", rule)
    kit.past(pipeline, 28, every_s=20 * HOUR, ended_s_ago=3 * DAY, trigger=trigger)
    kit.run(pipeline, 2.4 * DAY, trigger)
    kit.at(5 * HOUR, lambda: kit.world.push(held.name, "main", "Round totals in the weekly report", "ines"))
