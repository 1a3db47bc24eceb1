"""Single judgements that scenarios do not reach."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from core.event_pattern import mismatch
from core.pipeline import ActionDecl, ArtifactStore, StageDecl
from playbooks._denial import denials, speaks_of_access
from playbooks._needs import action_needs, store_of
from playbooks._simulated import evaluate, simulated
from playbooks._trust import Caller, lets_in
from playbooks.codedeploy._servers import matches, tag_filters
from tests.playbooks.corpus import Case, cases
from tests.playbooks.recorded import Recorded, absent, denied, reply
from tests.playbooks.scenarios import artifacts, blue_green
from tests.playbooks.scenarios.tests import FLAKY, GREEN, NOW_REPORT, RED, with_history
from tests.playbooks.scene import STORE, build, build_subject, phases, run, subject, whole, world
from tests.playbooks.scene import trust as scene_trust

EVENT: dict[str, Any] = {
    "source": "aws.codecommit",
    "resources": ["arn:aws:codecommit:eu-west-1:111122223333:shop"],
    "detail": {"referenceName": "release/1.2", "referenceType": "branch"},
}


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        ({"source": ["aws.codecommit"]}, ""),
        ({"source": ["aws.s3"]}, "source"),
        ({"detail": {"referenceName": ["main"]}}, "detail.referenceName"),
        ({"detail": {"referenceName": [{"prefix": "release/"}]}}, ""),
        ({"detail": {"referenceName": [{"suffix": ".3"}]}}, "detail.referenceName"),
        ({"detail": {"referenceName": [{"anything-but": ["main"]}]}}, ""),
        ({"detail": {"referenceName": [{"anything-but": {"prefix": "release/"}}]}}, "detail.referenceName"),
        ({"detail": {"referenceName": [{"wildcard": "release/*"}]}}, ""),
        ({"detail": {"commitId": [{"exists": False}]}}, ""),
        ({"detail": {"referenceType": [{"exists": True}]}}, ""),
        ({"resources": ["arn:aws:codecommit:eu-west-1:111122223333:shop", "other"]}, ""),
    ],
)
def test_event_patterns(pattern: dict[str, Any], wrong: str) -> None:
    assert mismatch(pattern, EVENT) == wrong


def trust(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Statement": {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}}


BUILD = Caller(service="codebuild.amazonaws.com", context={"aws:sourceaccount": "111122223333"})
PIPELINE = Caller(arn="arn:aws:iam::111122223333:role/pipeline")


@pytest.mark.parametrize(
    ("document", "caller", "allowed"),
    [
        (trust({"Service": "codebuild.amazonaws.com"}), BUILD, True),
        (trust({"Service": ["ec2.amazonaws.com", "codebuild.eu-west-1.amazonaws.com"]}), BUILD, True),
        (trust({"Service": "codepipeline.amazonaws.com"}), BUILD, False),
        (
            trust(
                {"Service": "codebuild.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}},
            ),
            BUILD,
            True,
        ),
        (
            trust(
                {"Service": "codebuild.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": "444455556666"}},
            ),
            BUILD,
            False,
        ),
        (
            trust({"Service": "codebuild.amazonaws.com"}, Condition={"Bool": {"aws:SecureTransport": "true"}}),
            BUILD,
            None,
        ),
        (trust({"AWS": "arn:aws:iam::111122223333:root"}), PIPELINE, True),
        (trust({"AWS": "111122223333"}), PIPELINE, True),
        (trust({"AWS": "arn:aws:iam::444455556666:root"}), PIPELINE, False),
        (trust({"AWS": "arn:aws:iam::111122223333:root"}, Effect="Deny"), PIPELINE, False),
    ],
)
def test_trust_policies(document: dict[str, Any], caller: Caller, allowed: bool | None) -> None:
    assert lets_in(document, caller).allowed is allowed


def test_refusals_are_read_from_aws_sentences() -> None:
    lines = [
        (7, ("An error occurred (AccessDenied): User: arn:aws:sts::111122223333:assumed-role/web-build/s is not "
        "authorized "
            'to perform: s3:PutObject on resource: "arn:aws:s3:::site/index.html" with an explicit deny in a service '
            "control policy")),
        (9, "nothing of the kind"),
    ]  # fmt: skip
    (found,) = denials(lines)
    assert (found.action, found.role, found.line, found.explicit) == ("s3:PutObject", "web-build", 7, True)
    assert found.policy_kind == "service control policy"
    assert found.resource == "arn:aws:s3:::site/index.html"
    assert speaks_of_access("403 Forbidden")
    assert not speaks_of_access("exit status 1")


async def test_a_flaky_test_is_told_from_a_new_failure() -> None:
    done = await run("tests", FLAKY.subject, FLAKY.evidence())
    assert "perf.flaky" in {each.cause for each in done.findings}
    assert "1 of 2" in done.answers["flaky"].detail


async def test_an_action_of_another_account_and_region_is_read_there_through_its_role() -> None:
    role = "arn:aws:iam::444455556666:role/builder"
    evidence = Recorded(*world())
    await run("codebuild", build_subject(role_arn=role, region="us-west-2"), evidence)
    assert ("codebuild", "us-west-2", role) in evidence.ways
    assert not [way for way in evidence.ways if way[0] == "codebuild" and way != ("codebuild", "us-west-2", role)]


def test_names_carry_the_partition_and_the_acting_account() -> None:
    about = subject("Lambda", category="Invoke", configuration={"FunctionName": "notify"}, inputs=["In"])
    china = replace(about, identity=replace(about.identity, partition="aws-cn"))
    needs = {need.action: need.resource for need in action_needs(china)}
    assert needs["lambda:InvokeFunction"].startswith("arn:aws-cn:lambda:")
    assert needs["s3:GetObject"] == "arn:aws-cn:s3:::codepipeline-artifacts-web/web/*"


def test_the_pipelines_name_is_cut_in_artifact_keys() -> None:
    store = store_of(subject("Lambda", category="Invoke", name="a-pipeline-with-a-long-name"))
    assert store
    assert store.objects.endswith("/a-pipeline-with-a-lo/*")


READS: Any = {"Effect": "Allow", "Action": ["s3:Get*", "kms:Decrypt"], "Resource": "arn:aws:s3:::store/*"}
PASSES: Any = {
    "Effect": "Allow",
    "Action": "iam:PassRole",
    "Resource": "*",
    "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
}


@pytest.mark.parametrize(
    ("documents", "action", "resource", "context", "decision"),
    [
        ([READS], "s3:GetObject", "arn:aws:s3:::store/web/*", {}, "allowed"),
        ([READS], "s3:PutObject", "arn:aws:s3:::store/web/*", {}, "implicitDeny"),
        ([READS], "s3:GetObject", "arn:aws:s3:::other/web", {}, "implicitDeny"),
        ([READS, {**READS, "Effect": "Deny"}], "s3:GetObject", "arn:aws:s3:::store/web", {}, "explicitDeny"),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "s3:PutObject", "arn:x", {}, "allowed"),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "iam:PassRole", "arn:x", {}, "implicitDeny"),
        (
            [{"Effect": "Deny", "Action": "*", "NotResource": "arn:x"}, READS],
            "s3:GetObject",
            "arn:x",
            {},
            "implicitDeny",
        ),
        ([PASSES], "iam:PassRole", "arn:r", {"iam:PassedToService": "ecs-tasks.amazonaws.com"}, "allowed"),
        ([PASSES], "iam:PassRole", "arn:r", {"iam:PassedToService": "lambda.amazonaws.com"}, "implicitDeny"),
    ],
)
def test_policies_are_evaluated_as_iam_does(
    documents: list[Any], action: str, resource: str, context: dict[str, str], decision: str
) -> None:
    named = [(f"p{number}", {"Statement": each}) for number, each in enumerate(documents)]
    (found,) = evaluate(named, [action], [resource], context)
    assert found["EvalDecision"] == decision


def test_a_condition_that_cannot_be_judged_makes_the_answer_unsure() -> None:
    (found,) = evaluate([("p", {"Statement": PASSES})], ["iam:PassRole"], ["arn:r"], {})
    assert found["MissingContextValues"] == ["iam:PassedToService"]


async def test_without_the_simulation_the_roles_own_policies_decide() -> None:
    role = "arn:aws:iam::111122223333:role/build"
    policy = {"PolicyDocument": {"Statement": READS}}
    evidence = Recorded(
        denied("iam", "SimulatePrincipalPolicy"),
        reply("iam", "ListRolePolicies", {"PolicyNames": ["inline"]}),
        reply("iam", "ListAttachedRolePolicies", {"AttachedPolicies": []}),
        reply("iam", "GetRolePolicy", policy),
    )
    fact = await simulated(evidence, role, ["s3:PutObject"], ["arn:aws:s3:::store/web"])
    assert fact.get("EvaluationResults", 0, "EvalDecision") == "implicitDeny"
    assert fact.operation == "ListRolePolicies"
    hidden = Recorded(
        denied("iam", "SimulatePrincipalPolicy"),
        reply("iam", "ListRolePolicies", {"PolicyNames": ["inline"]}),
        reply("iam", "GetRolePolicy", policy),
        denied("iam", "ListAttachedRolePolicies"),
    )
    assert not (await simulated(hidden, role, ["s3:PutObject"], ["arn:aws:s3:::store/web"])).ok


async def test_what_a_check_ruled_out_is_not_guessed_from_text() -> None:
    told = "Build terminated with state: FAILED. The build timed out waiting for the build image to be pulled."
    failed_build = build("FAILED", phases=phases("BUILD", "Error while executing command: make. Reason: exit status 2"))
    found = await whole(build_subject(message=told), Recorded(*world(failed_build)))
    assert "build.timeout" in found.refuted
    assert not {each.cause for each in found.findings} & found.refuted


@pytest.mark.parametrize(
    ("sets", "tags", "fits"),
    [
        ([[("Env", "prod")]], {"Env": "prod"}, True),
        ([[("Env", "prod")]], {"Env": "Prod"}, False),
        ([[("Env", "prod"), ("Role", "web")]], {"Role": "web"}, True),
        ([[("Env", "prod")], [("Role", "web")]], {"Env": "prod"}, False),
        ([[("Env", "prod")], [("Role", "web")]], {"Env": "prod", "Role": "web"}, True),
    ],
)
def test_an_instance_meets_one_tag_of_every_set(
    sets: list[list[tuple[str, str]]], tags: dict[str, str], fits: bool
) -> None:
    listed = [[{"Key": key, "Value": value, "Type": "KEY_AND_VALUE"} for key, value in each] for each in sets]
    group = {"ec2TagSet": {"ec2TagSetList": listed}}
    instance = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    assert matches(instance, group) is fits
    keys = {key for key, _ in sets[0]}
    asked = tag_filters(group)
    assert asked[0]["Name"] == (f"tag:{next(iter(keys))}" if len(keys) == 1 else "tag-key")


def named(name: str) -> Case:
    """The scenario of that name."""
    return next(case for case in cases() if case.name == name)


async def test_a_hung_block_of_traffic_tells_the_deregistration_delay() -> None:
    case = named("codedeploy-draining-takes-too-long")
    done = await run("codedeploy", case.subject, case.evidence())
    assert "the deregistration delay of 3600 s" in done.answers["load-balancer"].detail


async def test_the_image_of_a_build_tells_its_architecture_age_and_runtimes() -> None:
    case = named("build-image-of-another-architecture")
    done = await run("codebuild", case.subject, case.evidence())
    said = [text for _, text in done.answers["image"].lines]
    assert any("was pushed 104d ago" in each for each in said)
    assert "It is made for arm64." in said
    plain = await run("codebuild", build_subject("Succeeded", message=""), Recorded(*world()))
    assert any("nodejs 18, 20, 22, 24" in text for _, text in plain.answers["image"].lines)


async def test_a_batch_says_which_of_its_builds_failed() -> None:
    case = named("build-of-a-batch-that-failed")
    done = await run("codebuild", case.subject, case.evidence())
    assert "(windows of the batch)" in done.answers["build"].detail
    assert "batch: linux SUCCEEDED" in [text for _, text in done.answers["build"].lines]


async def test_a_vpc_without_a_way_out_lists_its_endpoints() -> None:
    case = named("build-behind-a-broken-nat")
    done = await run("codebuild", case.subject, case.evidence())
    assert any(text.startswith("endpoints: s3; not there: logs, ") for _, text in done.answers["network"].lines)


async def test_a_test_that_passed_before_is_told_from_one_that_failed_all_along() -> None:
    new = named("tests-failed")
    said = (await run("tests", new.subject, new.evidence())).answers["new"].detail
    assert said.startswith(
        "1 test passed in the report before and fails now: test_total; the last green report came 2h"
    )
    old = (await run("tests", FLAKY.subject, Recorded(*world(*with_history(RED, GREEN))))).answers["new"]
    assert old.detail.startswith("The failed test is not new; the last green report came ")
    assert [text for _, text in old.lines] == ["failed in the 1 report before too: test_total"]


async def test_cases_that_broke_count_as_failed() -> None:
    broken = [
        reply("codebuild", "DescribeTestCases", {"testCases": []}, filter={"status": "FAILED"}),
        reply(
            "codebuild",
            "DescribeTestCases",
            {"testCases": [{"name": "test_fixture", "status": "ERROR", "message": "no database"}]},
            filter={"status": "ERROR"},
        ),
        reply(
            "codebuild",
            "BatchGetReports",
            {"reports": [{"arn": NOW_REPORT, "testSummary": {"total": 9, "statusCounts": {"ERROR": 1}}}]},
        ),
    ]
    done = await run("tests", FLAKY.subject, Recorded(*world(*broken, *FLAKY.replies)))
    assert done.answers["failed"].detail == "1 test of 9 failed: test_fixture."


GRANTS = [
    reply("iam", "ListRolePolicies", {"PolicyNames": ["own"]}),
    reply(
        "iam",
        "GetRolePolicy",
        {
            "PolicyDocument": {
                "Statement": [
                    {"Sid": "All", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
                    {
                        "Sid": "Other",
                        "Effect": "Allow",
                        "Action": "dynamodb:PutItem",
                        "Resource": "arn:aws:dynamodb:::t",
                    },
                ]
            }
        },
    ),
]


async def test_what_a_role_is_granted_too_much_is_told_and_what_fits_is_named() -> None:
    names = {"ApplicationName": "shop", "DeploymentGroupName": "prod"}
    healthy = subject("CodeDeploy", category="Deploy", configuration=names, status="Succeeded")
    answer = (await run("permissions", healthy, Recorded(*GRANTS, *world()))).answers["granted"]
    said = [text for _, text in answer.lines]
    assert any("allows s3:*" in each for each in said)
    assert any("is granted what no action needs: dynamodb" in each for each in said)
    assert "AWS's own policy AWSCodeDeployRole fits the deployment group's role." in said
    assert not answer.findings


async def test_the_text_of_policies_is_left_alone_where_the_failure_is_about_something_else() -> None:
    evidence = Recorded(*GRANTS, *world(build("FAILED", phases=phases("BUILD", "exit status 1"))))
    done = await run("permissions", build_subject(), evidence)
    assert "read where the failure is about access" in done.answers["granted"].detail
    assert "GetPolicyVersion" not in {operation for _, operation, _ in evidence.requests}


async def test_a_rule_whose_role_may_not_start_the_pipeline_is_named() -> None:
    target = "arn:aws:codepipeline:eu-west-1:111122223333:web"
    role = "arn:aws:iam::111122223333:role/starter"
    rules = [
        reply("events", "ListRuleNamesByTarget", {"RuleNames": ["nightly"]}),
        reply("events", "DescribeRule", {"Name": "nightly", "State": "ENABLED", "ScheduleExpression": "rate(1 day)"}),
        reply("events", "ListTargetsByRule", {"Targets": [{"Arn": target, "RoleArn": role}]}),
        scene_trust(role, "lambda.amazonaws.com"),
    ]
    source = subject("S3", category="Source", configuration={"S3Bucket": "inbox"}, status="Succeeded")
    answer = (await run("permissions", source, Recorded(*rules, *world()))).answers["event-role"]
    assert "EventBridge may not assume its role starter" in answer.detail


async def test_a_lifecycle_shorter_than_an_approval_waits_is_told_and_what_it_took() -> None:
    rule = {"ID": "tidy", "Status": "Enabled", "Expiration": {"Days": 20}, "Prefix": ""}
    lifecycle = reply("s3", "GetBucketLifecycleConfiguration", {"Rules": [rule]})
    gate = StageDecl("Gate", (ActionDecl("Sign", "Approval", "Manual", timeout_min=30 * 1440),))
    fetch = StageDecl("Fetch", (ActionDecl("Fetch", "Source", "S3", outputs=("Built",)),))
    about = subject(
        "S3", category="Deploy", inputs=["Built"], others=[fetch, gate], message="NoSuchKey: Built not found"
    )
    gone = [absent("s3", "HeadObject"), *artifacts.WELL]
    done = await run("artifacts", about, Recorded(lifecycle, *gone, *world()))
    said = "Lifecycle rule tidy deletes artifacts after 20 days; approval Sign may wait 30 days."
    assert said in done.answers["bucket"].detail
    assert "lifecycle rule tidy, which deletes after 20 days, took it" in done.answers["objects"].findings[0].summary


async def test_every_artifact_of_the_execution_is_listed_and_every_regions_store() -> None:
    stores = {"eu-west-1": ArtifactStore(STORE), "us-east-1": ArtifactStore("codepipeline-us")}
    about = artifacts._subject(status="Succeeded")
    about = replace(about, definition=replace(about.definition, stores=stores))
    made = {"name": "Docs", "s3location": {"bucket": STORE, "key": "web/Docs/1"}}
    run_of_docs = {"stageName": "Build", "actionName": "Docs", "output": {"outputArtifacts": [made]}}
    own = {
        "stageName": "Deploy", "actionName": "DeployIt", "input": {"inputArtifacts": [
            {"name": "Built", "s3location": {"bucket": STORE, "key": "web/Built/abc"}}
        ]},
    }  # fmt: skip
    listed = reply("codepipeline", "ListActionExecutions", {"actionExecutionDetails": [own, run_of_docs]})
    elsewhere = reply("s3", "GetBucketLocation", {"LocationConstraint": "eu-west-1"}, Bucket="codepipeline-us")
    done = await run("artifacts", about, Recorded(listed, elsewhere, *artifacts.WELL, *world()))
    objects = [text for _, text in done.answers["objects"].lines]
    assert f"Docs: made by Build/Docs, s3://{STORE}/web/Docs/1" in objects
    stores_told = [text for _, text in done.answers["bucket"].lines]
    assert stores_told == ["store of us-east-1: codepipeline-us, which lies in eu-west-1"]


async def test_a_rollback_says_to_which_execution_and_conditions_tell_their_rules() -> None:
    rule = {"ruleName": "no-alarm", "latestExecution": {"status": "Succeeded"}}
    entry = {"latestExecution": {"status": "Succeeded"}, "conditionStates": [{"ruleStates": [rule]}]}
    stage = {
        "stageName": "Deploy",
        "latestExecution": {"pipelineExecutionId": "e-9", "status": "InProgress", "type": "ROLLBACK"},
        "beforeEntryConditionState": entry,
        "retryStageMetadata": {"manualStageRetryAttempt": 2, "autoStageRetryAttempt": 1},
    }
    back = {
        "pipelineExecutionId": "e-9",
        "startTime": 1_700_000_000.0 - 600,
        "trigger": {"triggerType": "AutomatedRollback"},
        "rollbackMetadata": {"rollbackTargetPipelineExecutionId": "e-3"},
    }
    answers = [
        reply("codepipeline", "GetPipelineState", {"stageStates": [stage]}),
        reply("codepipeline", "ListPipelineExecutions", {"pipelineExecutionSummaries": [back]}),
    ]
    done = await run("flow", build_subject("InProgress", message=""), Recorded(*answers, *world()))
    told = done.answers["again"]
    assert "rolled back by itself (its failure condition) to the revisions of execution e-3 10m ago" in told.detail
    assert "Deploy was retried 2 times by hand and 1 times by itself." in [text for _, text in told.lines]
    assert [text for _, text in done.answers["conditions"].lines] == ["Deploy, entry: Succeeded (no-alarm Succeeded)"]


async def test_an_approval_names_the_revisions_that_wait_behind_it() -> None:
    case = next(each for each in cases() if each.name == "approval-waiting")
    behind = {"pipelineExecutionId": "e-2", "sourceRevisions": [
        {"actionName": "Source", "revisionId": "0123456789abcdef", "revisionSummary": "Raise the limit"}
    ]}  # fmt: skip
    waiting = {
        "stageName": case.subject.stage.name,
        "latestExecution": {"pipelineExecutionId": "e-1", "status": "InProgress"},
        "inboundExecutions": [{"pipelineExecutionId": "e-2"}],
    }
    special = [
        reply("codepipeline", "ListPipelineExecutions", {"pipelineExecutionSummaries": [behind]}),
        reply("codepipeline", "GetPipelineState", {"stageStates": [waiting]}),
    ]
    done = await run("approval", case.subject, Recorded(*special, *world(*case.replies)))
    said = [text for _, text in done.answers["revision"].lines]
    assert "behind it: e-2: Source 0123456789ab Raise the limit" in said


async def test_the_policy_of_a_repository_that_denies_the_role_is_told() -> None:
    policy = {"Statement": [{"Sid": "Shut", "Effect": "Deny", "Principal": "*", "Action": "ecr:*"}]}
    told = reply("ecr", "GetRepositoryPolicy", {"policyText": json.dumps(policy)})
    case = named("ecr-source-healthy")
    done = await run("source-ecr", case.subject, Recorded(told, *world(*case.replies)))
    assert done.answers["policy"].detail == "The repository's policy denies role web-pipeline (Shut)."


async def test_how_traffic_is_to_be_shifted_is_told() -> None:
    case = next(each for each in cases() if each.playbook == "ecs-blue-green" and not each.cause)
    style = {"deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60}}
    group = blue_green._group(deploymentConfigName="Canary10", blueGreenDeploymentConfiguration=style)
    done = await run("ecs-blue-green", case.subject, Recorded(group, *world(*case.replies)))
    said = [text for _, text in done.answers["traffic"].lines]
    assert "Traffic is shifted by Canary10." in said
    assert "It waits 60 minutes for a person to shift the traffic, and stops if none does." in said
