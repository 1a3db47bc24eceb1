"""data-platform: a stack update rolled back."""

from demo.engine.model import Trigger
from demo.files import INFRA
from demo.kit import DAY, HOUR, Kit, action, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "data-platform",
    "eu-west-1",
    "cfn.resource-failed",
    "role cfn-data-platform lacks sqs:CreateQueue, so the resource ExportsQueue fails and the stack rolls back",
    "iam PutRolePolicy: allow sqs:CreateQueue on cfn-data-platform; RetryStageExecution Deploy",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/data-platform"
    held = kit.repository(repository, files={"buildspec.yml": INFRA}, age_s=3 * DAY)
    resources = [
        ["ExportsLog", "AWS::Logs::LogGroup"],
        ["ExportsQueue", "AWS::SQS::Queue"],
        ["ExportsTopic", "AWS::SNS::Topic"],
    ]
    kit.amend(held, "Add a queue for exports", "kira", 6600, facts={"resources": resources})
    kit.project("data-platform", region)
    allow = {"Effect": "Allow", "Action": ["s3:*", "logs:*", "sns:*", "kms:DescribeKey"], "Resource": "*"}
    role = kit.role("cfn-data-platform", "cloudformation.amazonaws.com", [allow], "DataPlatformResources")
    kit.world.stacks.add(
        "data-platform",
        region,
        role,
        kit.world.boot - 200 * DAY,
        [("RawBucket", "AWS::S3::Bucket"), ("IngestLog", "AWS::Logs::LogGroup"), ("Alerts", "AWS::SNS::Topic")],
        kit.world.rng("stack", "data-platform"),
    )
    config = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": "data-platform",
        "RoleArn": role,
        "Capabilities": "CAPABILITY_NAMED_IAM",
        "TemplatePath": "BuildArtifact::packaged.yaml",
    }
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("data-platform")),
            stage("Deploy", action("Stack", "Deploy", "CloudFormation", config, inputs=("BuildArtifact",))),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 25, every_s=40 * HOUR, ended_s_ago=3 * DAY, trigger=trigger)
    kit.run(pipeline, 6500, trigger)
