"""Roles: refused calls, foreign accounts, trust, bucket and key policies."""

from __future__ import annotations

import json

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import allows, denied, reply
from tests.playbooks.scene import ACCOUNT, BUILD_ROLE, KEY, NOW, PIPELINE_ROLE, REGION, STORE, subject, trust

OTHER = "444455556666"
DEPLOY_ROLE = f"arn:aws:iam::{OTHER}:role/deployer"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web-pipeline/1700000000000"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:notify"
DECODED = json.dumps(
    {
        "allowed": False,
        "explicitDeny": False,
        "context": {
            "principal": {"arn": SESSION},
            "action": "ec2:RunInstances",
            "resource": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/*",
        },
    }
)
ENCODED = f"You are not authorized to perform this operation. Encoded authorization failure message: {'x' * 80}"
KEY_STATEMENT = {"Effect": "Allow", "Principal": {"AWS": DEPLOY_ROLE}, "Action": "kms:*", "Resource": "*"}
KEY_POLICY = json.dumps({"Statement": [KEY_STATEMENT]})
DENIED_INVOKE = (
    f"The AWS Lambda function notify failed to be invoked: User: {SESSION} is not authorized to perform: "
    f"lambda:InvokeFunction on resource: {FUNCTION} because no identity-based policy allows the lambda:InvokeFunction "
    "action"
)


def _cloudformation(message: str, status: str = "Failed") -> Subject:
    return subject(
        "CloudFormation",
        category="Deploy",
        configuration={
            "ActionMode": "CREATE_UPDATE",
            "StackName": "web",
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/cfn",
            "TemplatePath": "Built::template.yaml",
        },
        inputs=["Built"],
        message=message,
        status=status,
    )


CASES = [
    Case(
        "permissions-healthy",
        "permissions",
        subject("Lambda", category="Invoke", configuration={"FunctionName": "notify"}, status="Succeeded"),
    ),
    Case(
        "permissions-healthy-through-resource-policy",
        "permissions",
        subject("Lambda", category="Invoke", configuration={"FunctionName": "notify"}, status="Succeeded"),
        [allows("lambda:InvokeFunction")],
    ),
    Case(
        "permissions-action-denied",
        "permissions",
        subject("Lambda", category="Invoke", configuration={"FunctionName": "notify"}, message=DENIED_INVOKE),
        [allows("lambda:InvokeFunction", role=PIPELINE_ROLE)],
        "permission.action-denied",
        "lambda:InvokeFunction",
        automatic=True,
    ),
    Case(
        "permissions-pass-role",
        "permissions",
        _cloudformation(
            f"User: {SESSION} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::{ACCOUNT}:role/cfn "
            "because no identity-based policy allows the iam:PassRole action"
        ),
        [
            allows("iam:PassRole", role=PIPELINE_ROLE),
            trust(f"arn:aws:iam::{ACCOUNT}:role/cfn", "cloudformation.amazonaws.com"),
        ],
        "permission.pass-role",
        "iam:PassRole",
        automatic=True,
    ),
    Case(
        "permissions-role-gone",
        "permissions",
        subject(
            "Lambda",
            category="Invoke",
            configuration={"FunctionName": "notify"},
            message="CodePipeline is not authorized to perform AssumeRole on role "
            f"{PIPELINE_ROLE}. The provided role cannot be assumed",
        ),
        [trust(PIPELINE_ROLE, "codebuild.amazonaws.com")],
        "permission.role-trust",
    ),
    Case(
        "permissions-cross-account-bucket",
        "permissions",
        subject(
            "S3",
            category="Deploy",
            configuration={"BucketName": "site", "Extract": "true"},
            inputs=["Built"],
            key=KEY,
            role_arn=DEPLOY_ROLE,
            message="Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; the artifact "
            f"bucket {STORE})",
        ),
        [
            trust(DEPLOY_ROLE, "nobody", Principal={"AWS": PIPELINE_ROLE}),
            reply("s3", "GetBucketPolicy", {"Policy": '{"Version":"2012-10-17","Statement":[]}'}),
            reply("kms", "GetKeyPolicy", {"Policy": KEY_POLICY}),
        ],
        "permission.cross-account",
        "bucket",
        automatic=True,
    ),
    Case(
        "permissions-key-disabled",
        "permissions",
        subject(
            "S3",
            category="Deploy",
            configuration={"BucketName": "site"},
            inputs=["Built"],
            key=KEY,
            message="User is not authorized to access the artifact: KMS access denied: the key is disabled",
        ),
        [reply("kms", "DescribeKey", {"KeyMetadata": {"Arn": KEY, "KeyState": "Disabled", "KeyManager": "CUSTOMER"}})],
        "artifact.kms-denied",
    ),
    Case(
        "permissions-only-the-trail-knows",
        "permissions",
        subject(
            "Lambda",
            category="Invoke",
            configuration={"FunctionName": "notify"},
            message="You are not authorized to perform this operation. Access denied",
        ),
        [
            reply(
                "cloudtrail",
                "LookupEvents",
                {
                    "Events": [
                        {
                            "CloudTrailEvent": json.dumps(
                                {
                                    "errorCode": "AccessDenied",
                                    "errorMessage": f"User: {SESSION} is not authorized to perform: "
                                    f"kms:CreateGrant on resource: {KEY} because no identity-based policy allows it",
                                    "userIdentity": {"arn": SESSION},
                                }
                            )
                        }
                    ]
                },
            ),
            allows("kms:CreateGrant", role=PIPELINE_ROLE),
        ],
        "permission.action-denied",
        "kms:CreateGrant",
        automatic=True,
    ),
    Case(
        "permissions-not-allowed-to-look",
        "permissions",
        subject("Lambda", category="Invoke", configuration={"FunctionName": "notify"}, message=DENIED_INVOKE),
        [denied("iam", "SimulatePrincipalPolicy"), denied("iam", "GetRole")],
        "permission.action-denied",
        proven=False,
    ),
    Case(
        "permissions-encoded",
        "permissions",
        subject(
            "CloudFormation",
            category="Deploy",
            configuration={"ActionMode": "CREATE_UPDATE", "StackName": "shop"},
            message=f"You are not authorized. Encoded authorization failure message: {'x' * 80}",
        ),
        [
            reply("sts", "DecodeAuthorizationMessage", {"DecodedMessage": DECODED}),
            allows("ec2:RunInstances"),
        ],
        "permission.action-denied",
        "ec2:RunInstances",
        automatic=True,
    ),
    Case(
        "permissions-deployment-group-lacks-traffic",
        "permissions",
        subject(
            "CodeDeploy",
            category="Deploy",
            configuration={"ApplicationName": "shop", "DeploymentGroupName": "prod"},
            message="The IAM role arn:aws:iam::111122223333:role/web-build does not give you permission to perform "
            "operations in the following AWS service: AmazonElasticLoadBalancing: "
            "elasticloadbalancing:RegisterTargets AccessDenied",
        ),
        [
            reply(
                "codedeploy",
                "GetDeploymentGroup",
                {
                    "deploymentGroupInfo": {
                        "computePlatform": "Server",
                        "serviceRoleArn": BUILD_ROLE,
                        "loadBalancerInfo": {"targetGroupInfoList": [{"name": "shop"}]},
                    }
                },
            ),
            trust(BUILD_ROLE, "codedeploy.amazonaws.com"),
            allows("elasticloadbalancing:RegisterTargets", role=BUILD_ROLE),
        ],
        "permission.action-denied",
        "elasticloadbalancing:RegisterTargets",
    ),
    Case(
        "permissions-encoded-in-a-stacks-event",
        "cloudformation",
        subject(
            "CloudFormation",
            category="Deploy",
            configuration={"ActionMode": "CREATE_UPDATE", "StackName": "shop"},
            message="Stack shop is in UPDATE_ROLLBACK_COMPLETE",
        ),
        [
            reply("cloudformation", "DescribeStacks", {"Stacks": [{"StackStatus": "UPDATE_ROLLBACK_COMPLETE"}]}),
            reply(
                "cloudformation",
                "DescribeStackEvents",
                {
                    "StackEvents": [
                        {
                            "LogicalResourceId": "Server",
                            "ResourceType": "AWS::EC2::Instance",
                            "ResourceStatus": "UPDATE_FAILED",
                            "ResourceStatusReason": ENCODED,
                            "Timestamp": NOW - 320,
                        }
                    ]
                },
            ),
            reply("sts", "DecodeAuthorizationMessage", {"DecodedMessage": DECODED}),
            allows("ec2:RunInstances"),
        ],
        "cfn.resource-failed",
        "ec2:RunInstances",
        automatic=True,
    ),
]
