"""Who makes a resource, how a change would stand in its code, who else uses it, and the least policy."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml

from core.fact import Fact, Outcome
from core.least_policy import least_policy
from core.managed import managed_by, managed_reads
from core.pipeline import ActionDecl, ArtifactStore, Definition, StageDecl
from core.place import Place
from core.plan import Call, Check, Plan, Risk
from core.snippets import snippet
from core.usage import projects_in, users_of

ROLE = "arn:aws:iam::111122223333:role/build"


def plan(call: Call, resource: str) -> Plan:
    check = Check("so", (), lambda _: True)
    return Plan("x", "x", Place("", "eu-west-1"), "111122223333", "web", resource, call, Risk.LOW, "", check, check)


POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
PUT = plan(
    Call("iam", "PutRolePolicy", {"RoleName": "build", "PolicyName": "p", "PolicyDocument": json.dumps(POLICY)}), ROLE
)
PROJECT = plan(
    Call("codebuild", "UpdateProject", {"name": "web", "timeoutInMinutes": 90, "cache": {"type": "LOCAL"}}), "web"
)


def fact(value: Any, outcome: Outcome = Outcome.OK) -> Fact:
    return Fact(1, "iam", "x", {}, outcome, value)


@pytest.mark.parametrize(
    ("value", "tool", "name"),
    [
        ({"Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "shop"}]}, "CloudFormation", "shop"),
        ({"Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "ShopCdkStack"}]}, "CDK", "ShopCdkStack"),
        ({"TagSet": [{"Key": "managed-by", "Value": "Terraform Cloud"}]}, "Terraform", ""),
        ({"projects": [{"tags": [{"key": "terraform", "value": "true"}]}]}, "Terraform", ""),
        ({"Tags": [{"TagKey": "ManagedBy", "TagValue": "opentofu"}]}, "OpenTofu", ""),
        ({"tags": [{"key": "pulumi:project", "value": "shop"}]}, "Pulumi", "shop"),
        ({"StackResources": [{"StackName": "shop"}]}, "CloudFormation", "shop"),
        ({"TagDescriptions": [{"Tags": [{"Key": "ManagedBy", "Value": "cdk"}]}]}, "CDK", ""),
        ({"AutoScalingGroups": [{"Tags": [{"Key": "ManagedBy", "Value": "terraform"}]}]}, "Terraform", ""),
    ],
)
def test_marks_of_the_code_that_makes_a_resource(value: Any, tool: str, name: str) -> None:
    found = managed_by([fact(None, Outcome.DENIED), fact(value)])
    assert found
    assert (found.tool, found.name) == (tool, name)
    assert "drifts" in found.warning


@pytest.mark.parametrize(
    "value", [{"Tags": [{"Key": "team", "Value": "web"}]}, {"Tags": [{"Key": "terraform", "Value": "false"}]}, {}, None]
)
def test_no_mark_no_owner(value: Any) -> None:
    assert managed_by([fact(value)]) is None


def test_tags_and_the_stack_are_read_by_the_names_each_service_wants() -> None:
    assert [(each.operation, dict(each.params)) for each in managed_reads(PUT)] == [
        ("ListRoleTags", {"RoleName": "build"}),
        ("DescribeStackResources", {"PhysicalResourceId": "build"}),
    ]
    assert managed_reads(PROJECT)[0].params == {"names": ["web"]}
    version = plan(Call("iam", "CreatePolicyVersion", {"PolicyArn": "arn:p"}), "arn:p")
    assert managed_reads(version)[0].operation == "ListPolicyTags"
    group = managed_reads(plan(Call("codedeploy", "UpdateDeploymentGroup", GROUP), "shop/prod"))
    assert group[0].params == {"ResourceArn": "arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:shop/prod"}
    assert group[1].params == {"PhysicalResourceId": "prod"}
    assert managed_reads(plan(Call("cloudformation", "DeleteStack", {"StackName": "x"}), "x")) == ()


def test_a_change_as_code() -> None:
    assert snippet(PUT, "CloudFormation").startswith('Type: AWS::IAM::RolePolicy\nProperties:\n  RoleName: "build"')
    assert '"Action": "s3:GetObject"' not in snippet(PUT, "CloudFormation")
    assert 'Action: "s3:GetObject"' in snippet(PUT, "CloudFormation")
    terraform = snippet(PUT, "Terraform")
    assert terraform.startswith('resource "aws_iam_role_policy" "this" {')
    assert "policy = jsonencode({" in terraform
    assert 'role = "build"' in terraform
    cdk = snippet(PROJECT, "CDK")
    assert "codebuild.CfnProject" in cdk
    assert 'addPropertyOverride("TimeoutInMinutes", 90)' in cdk
    assert '"Type": "LOCAL"' in cdk
    assert '  build_timeout = 90\n  cache {\n    type = "LOCAL"\n  }' in snippet(PROJECT, "Terraform")
    assert snippet(plan(Call("x", "Y", {}), ""), "CDK") == ""


HTTP = {"HttpCode": "2"}
CIRCUIT = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}, "maximumPercent": 200}
ENVIRONMENT = {"privilegedMode": True, "environmentVariables": [{"name": "A", "value": "${x}", "type": "PLAINTEXT"}]}
GROUP = {
    "applicationName": "shop",
    "currentDeploymentGroupName": "prod",
    "alarmConfiguration": {"enabled": True, "alarms": [{"name": "errors"}]},
    "ec2TagFilters": [{"Key": "stage", "Value": "prod", "Type": "KEY_AND_VALUE"}],
    "loadBalancerInfo": {"targetGroupInfoList": [{"name": "blue"}]},
}


@pytest.mark.parametrize(
    ("call", "cloudformation", "terraform"),
    [
        (
            Call("codebuild", "UpdateProject", {"name": "w", "environment": ENVIRONMENT, "source": {"buildspec": "b"}}),
            ("EnvironmentVariables:", 'BuildSpec: "b"', "PrivilegedMode: true"),
            ("environment_variable {", "privileged_mode = true", 'value = "$${x}"', 'buildspec = "b"'),
        ),
        (
            Call("codedeploy", "UpdateDeploymentGroup", GROUP),
            ("Ec2TagFilters:", 'Name: "errors"', "TargetGroupInfoList:"),
            ('alarms = ["errors"]', "ec2_tag_filter {", 'key = "stage"', "target_group_info {"),
        ),
        (
            Call("ecs", "UpdateService", {"cluster": "c", "service": "s", "deploymentConfiguration": CIRCUIT}),
            ("DeploymentCircuitBreaker:", "Rollback: true"),
            ("deployment_circuit_breaker {", "deployment_maximum_percent = 200"),
        ),
        (
            Call(
                "elbv2",
                "ModifyTargetGroup",
                {"TargetGroupArn": "a", "HealthCheckPath": "/h", "Matcher": {"HttpCode": "2"}},
            ),
            ('HealthCheckPath: "/h"', 'HttpCode: "2"'),
            ("health_check {", 'path = "/h"', 'matcher = "2"'),
        ),
        (
            Call("s3", "PutBucketVersioning", {"Bucket": "b", "VersioningConfiguration": {"Status": "Enabled"}}),
            ("VersioningConfiguration:", 'Status: "Enabled"'),
            ('bucket = "b"', "versioning_configuration {", 'status = "Enabled"'),
        ),
        (
            Call(
                "s3",
                "PutBucketNotificationConfiguration",
                {"Bucket": "b", "NotificationConfiguration": {"EventBridgeConfiguration": {}}},
            ),
            ("EventBridgeEnabled: true",),
            ("eventbridge = true",),
        ),
        (
            Call("iam", "CreatePolicyVersion", {"PolicyArn": "arn:p", "PolicyDocument": json.dumps(POLICY)}),
            ("AWS::IAM::ManagedPolicy", "PolicyDocument:"),
            ('"aws_iam_policy"', "policy = jsonencode("),
        ),
        (
            Call("kms", "PutKeyPolicy", {"KeyId": "k", "PolicyName": "default", "Policy": json.dumps(POLICY)}),
            ("KeyPolicy:",),
            ('"aws_kms_key_policy"', "policy = jsonencode("),
        ),
        (Call("events", "EnableRule", {"Name": "r"}), ('State: "ENABLED"',), ('state = "ENABLED"',)),
    ],
    ids=lambda value: value.operation if isinstance(value, Call) else "",
)
def test_each_tool_has_its_own_names(call: Call, cloudformation: tuple[str, ...], terraform: tuple[str, ...]) -> None:
    change = plan(call, "r")
    assert [each for each in cloudformation if each not in snippet(change, "CloudFormation")] == []
    assert [each for each in terraform if each not in snippet(change, "Terraform")] == []
    assert snippet(change, "CDK").startswith("// AWS::")
    assert yaml.safe_load(snippet(change, "CloudFormation"))["Type"].startswith("AWS::")


def test_of_a_pipeline_only_what_changes_stands_in_the_code() -> None:
    def structure(branch: str) -> dict[str, Any]:
        kind = {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"}
        source = {
            "name": "Code",
            "actionTypeId": kind,
            "configuration": {"BranchName": branch, "lower": "kept"},
            "outputArtifacts": [{"name": "Out"}],
        }
        return {"name": "web", "stages": [{"name": "Source", "actions": [source]}, {"name": "Build", "actions": []}]}

    call = Call("codepipeline", "UpdatePipeline", {"pipeline": structure("main")})
    change = replace(
        plan(call, "r"), before=json.dumps(structure("old")), after=json.dumps(structure("main")), pipeline="web"
    )
    assert snippet(change, "CDK").splitlines()[-1] == (
        'cfn.addPropertyOverride("Stages.0.Actions.0.Configuration.BranchName", "main");'
    )
    held = yaml.safe_load(snippet(change, "CloudFormation"))["Properties"]
    assert list(held) == ["Stages"]
    assert [each["Name"] for each in held["Stages"]] == ["Source"]
    assert held["Stages"][0]["Actions"][0]["Configuration"] == {"BranchName": "main", "lower": "kept"}
    terraform = snippet(change, "Terraform")
    assert 'configuration = {\n        "BranchName" = "main"' in terraform
    assert 'output_artifacts = ["Out"]' in terraform
    assert "Build" not in terraform


def definition(name: str, **more: Any) -> Definition:
    build = ActionDecl("Build", "Build", "CodeBuild", configuration={"ProjectName": more.get("project", name)})
    stores = {"": ArtifactStore(more.get("bucket", "store"), more.get("key", ""))}
    return Definition(name, 1, more.get("role", "r"), (StageDecl("Build", (build,)),), stores)


def test_who_else_uses_a_role_a_project_a_bucket_or_a_key() -> None:
    held = [definition("web"), definition("api", role=ROLE), definition("shop", project="web", bucket="b", key="k/1")]
    assert users_of(PUT, held, {"web": ROLE}) == (
        "pipeline api: its own role",
        "pipeline shop: Build / Build through build project web",
    )
    assert users_of(PROJECT, held) == ("pipeline shop: Build / Build builds with this project",)
    bucket = plan(Call("s3", "PutBucketVersioning", {"Bucket": "b"}), "b")
    assert users_of(bucket, held) == ("pipeline shop: its artifact bucket",)
    key = plan(Call("kms", "PutKeyPolicy", {"KeyId": "arn:aws:kms:eu-west-1:111122223333:key/1"}), "k")
    assert users_of(key, held) == ("pipeline shop: the key of its artifacts",)
    assert projects_in(held) == ("api", "web")


def test_the_least_policy_has_one_statement_a_service_and_scope() -> None:
    found = least_policy(["s3:GetObject", "iam:GetRole", "s3:GetObject"])
    assert [each["Sid"] for each in found["Statement"]] == ["Iam", "S3", "KmsThroughS3"]
    narrow = least_policy(["codepipeline:GetPipeline", "codepipeline:ListPipelines"], {"codepipeline": ("arn:x",)})
    assert {each["Sid"]: each["Resource"] for each in narrow["Statement"]} == {
        "Codepipeline": ["arn:x"],
        "CodepipelineAll": "*",
    }
