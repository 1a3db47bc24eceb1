"""fraud-scoring: the pipeline's own role may not start the build."""

from demo.engine.model import Trigger
from demo.files import PYTHON, script
from demo.kit import DAY, HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "fraud-scoring",
    "eu-west-1",
    "permission.action-denied",
    "role AWSCodePipelineServiceRole-eu-west-1-fraud-scoring lacks codebuild:StartBuild",
    "iam PutRolePolicy: allow codebuild:StartBuild on the project; RetryStageExecution Build",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/fraud-scoring"
    kit.repository(repository, files={"buildspec.yml": PYTHON}, head="Score gift cards", author="ines", age_s=20500)
    kit.project("fraud-scoring", region)
    kit.project(
        "fraud-scoring-train", region, buildspec=script("pip install -r requirements.txt", "spark-submit jobs/train.py")
    )
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("fraud-scoring")),
            stage("Train", codebuild("fraud-scoring-train", "Train", inputs="BuildArtifact", output="Model")),
        ],
        triggers=[push_trigger()],
        without=("codebuild:StartBuild",),
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 33, every_s=18 * HOUR, ended_s_ago=2 * DAY, trigger=trigger)
    kit.run(pipeline, 20400, trigger)
