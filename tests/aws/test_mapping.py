"""Answers as AWS sends them, with and without their optional members, become models."""

from __future__ import annotations

import json

from aws.mapping import codebuild, codepipeline, logs
from aws.mapping.definition import definition
from core.pipeline import Execution, Transition

STATE = {
    "pipelineName": "checkout-api",
    "pipelineVersion": 7,
    "created": 1760000000.5,
    "updated": 1760000001,
    "stageStates": [
        {"stageName": "Source", "actionStates": [{"actionName": "Checkout"}]},
        {
            "stageName": "Build",
            "inboundExecutions": [{"pipelineExecutionId": "e2", "status": "InProgress"}],
            "inboundTransitionState": {
                "enabled": False,
                "lastChangedBy": "arn:aws:sts::111122223333:assumed-role/Ops/sam",
                "lastChangedAt": 1760000100,
                "disabledReason": "freeze",
            },
            "latestExecution": {"pipelineExecutionId": "e1", "status": "Failed"},
            "beforeEntryConditionState": {"latestExecution": {"status": "Failed"}},
            "onSuccessConditionState": {"latestExecution": {"status": "Succeeded"}},
            "actionStates": [
                {
                    "actionName": "Compile",
                    "entityUrl": "https://console.example/build",
                    "latestExecution": {
                        "actionExecutionId": "a1",
                        "status": "Failed",
                        "lastStatusChange": 1760000200,
                        "externalExecutionId": "web:1",
                        "percentComplete": 40,
                        "errorDetails": {"code": "JobFailed", "message": "Build terminated"},
                    },
                }
            ],
        },
    ],
}


def test_a_state_keeps_what_aws_said() -> None:
    state = codepipeline.state(STATE)
    assert (state.name, state.version, state.updated_at) == ("checkout-api", 7, 1760000001.0)
    source, build = state.stages
    assert (source.status, source.transition, source.actions[0].status) == ("", Transition(), "")
    assert build.transition == Transition(
        enabled=False,
        changed_by="arn:aws:sts::111122223333:assumed-role/Ops/sam",
        changed_at=1760000100.0,
        reason="freeze",
    )
    assert (build.inbound, build.conditions) == (("e2",), ("beforeEntry",))
    action = build.actions[0]
    assert (action.error_code, action.error_message, action.external_id) == ("JobFailed", "Build terminated", "web:1")
    assert (action.percent, action.changed_at) == (40, 1760000200.0)


def test_nulls_and_missing_members_do_no_harm() -> None:
    empty = codepipeline.state({"pipelineName": "x", "stageStates": [{"stageName": "A", "latestExecution": None}]})
    assert empty.stages[0].status == ""
    assert codepipeline.state({}).stages == ()
    assert codepipeline.execution({}).status == ""
    assert codepipeline.action_execution({}).error_code == ""
    assert codebuild.build({}).phases == ()
    assert definition({}).stages == ()


def test_a_commit_message_is_taken_out_of_the_providers_json() -> None:
    github = json.dumps({"ProviderType": "GitHub", "CommitMessage": "Raise cart limit\n\nLonger text"})
    assert codepipeline.revision_message(github) == "Raise cart limit\n\nLonger text"
    assert codepipeline.revision_message("Fix rounding") == "Fix rounding"
    assert codepipeline.revision_message('{"not": "a provider"}') == '{"not": "a provider"}'
    assert codepipeline.revision_message("{broken") == "{broken"
    assert codepipeline.revision_message("") == ""


def test_an_execution_has_its_revisions_and_trigger() -> None:
    execution = codepipeline.execution(
        {
            "pipelineExecutionId": "e1",
            "status": "Succeeded",
            "startTime": 10,
            "lastUpdateTime": 70,
            "sourceRevisions": [{"actionName": "Checkout", "revisionId": "abc", "revisionSummary": "Fix"}],
            "trigger": {"triggerType": "Webhook", "triggerDetail": "arn:x"},
            "stopTrigger": {"reason": "wrong commit"},
            "executionType": "ROLLBACK",
        }
    )
    assert (execution.trigger, execution.kind, execution.stop_reason) == ("Webhook", "ROLLBACK", "wrong commit")
    assert execution.revisions[0].summary == "Fix"


def test_the_usual_duration_is_the_median_of_successes() -> None:
    def ran(seconds: float, status: str = "Succeeded") -> Execution:
        return Execution(id="x", status=status, started_at=100.0, updated_at=100.0 + seconds)

    assert codepipeline.usual_duration((ran(60), ran(90), ran(600, "Failed"), ran(120))) == 90
    assert codepipeline.usual_duration((ran(60), ran(90))) is None


def test_a_definition_keeps_its_structure() -> None:
    mapped = definition(
        {
            "pipeline": {
                "name": "web",
                "version": 3,
                "roleArn": "arn:aws:iam::111122223333:role/Pipe",
                "artifactStore": {"type": "S3", "location": "artifacts", "encryptionKey": {"id": "k", "type": "KMS"}},
                "stages": [
                    {
                        "name": "Build",
                        "onFailure": {"result": "ROLLBACK"},
                        "actions": [
                            {
                                "name": "Compile",
                                "actionTypeId": {
                                    "category": "Build",
                                    "owner": "AWS",
                                    "provider": "CodeBuild",
                                    "version": "1",
                                },
                                "runOrder": 2,
                                "configuration": {"ProjectName": "web"},
                                "inputArtifacts": [{"name": "src"}],
                                "region": "eu-central-1",
                            }
                        ],
                    }
                ],
                "triggers": [{"gitConfiguration": {"sourceActionName": "Checkout"}}],
            },
            "metadata": {"pipelineArn": "arn:p", "created": 1, "updated": 2},
        }
    )
    action = mapped.action("Build", "Compile")
    assert action is not None
    assert (action.provider, action.run_order, action.inputs, action.region) == (
        "CodeBuild",
        2,
        ("src",),
        "eu-central-1",
    )
    assert mapped.stages[0].conditions == ("onFailure",)
    assert (mapped.stores[""].location, mapped.stores[""].key) == ("artifacts", "k")
    assert (mapped.triggers, mapped.updated_at) == (("Checkout",), 2.0)
    assert json.loads(mapped.raw)["stages"][0]["actions"][0]["configuration"] == {"ProjectName": "web"}


def test_stores_of_several_regions_stand_under_their_regions() -> None:
    mapped = definition(
        {"pipeline": {"artifactStores": {"eu-west-1": {"location": "a"}, "us-east-1": {"location": "b"}}}}
    )
    assert {region: store.location for region, store in mapped.stores.items()} == {"eu-west-1": "a", "us-east-1": "b"}


BUILD = {
    "id": "web:1",
    "arn": "arn:aws:codebuild:eu-west-1:111122223333:build/web:1",
    "projectName": "web",
    "buildStatus": "FAILED",
    "phases": [
        {"phaseType": "INSTALL", "phaseStatus": "SUCCEEDED", "durationInSeconds": 3},
        {
            "phaseType": "BUILD",
            "phaseStatus": "FAILED",
            "contexts": [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": "exit status 1"}],
        },
    ],
    "environment": {
        "image": "aws/codebuild/standard:7.0",
        "environmentVariables": [{"name": "KEY", "value": "hush", "type": "SECRETS_MANAGER"}],
    },
    "logs": {"groupName": "/aws/codebuild/web", "streamName": "1", "deepLink": "https://x"},
}


def test_a_build_has_phases_and_its_log_and_no_values_of_variables() -> None:
    build = codebuild.build(BUILD)
    assert build.failed_phase is not None
    assert build.failed_phase.contexts == (("COMMAND_EXECUTION_ERROR", "exit status 1"),)
    assert (build.log.group, build.log.stream, build.log.region, build.log.state) == (
        "/aws/codebuild/web",
        "1",
        "eu-west-1",
        "ready",
    )
    assert build.environment == {"KEY": "SECRETS_MANAGER"}
    assert "hush" not in repr(build)


def test_where_a_log_is_comes_from_the_build_alone() -> None:
    queued = codebuild.log_location({"logs": {"deepLink": "https://x#logEvent:group=null;stream=null"}})
    assert (queued.state, queued.group, queued.stream) == ("pending", "", "")
    off = codebuild.log_location({"logs": {"cloudWatchLogs": {"status": "DISABLED"}}})
    assert off.state == "disabled"
    in_s3 = codebuild.log_location(
        {"logs": {"cloudWatchLogs": {"status": "DISABLED"}, "s3LogsArn": "arn:aws:s3:::logs/web/1.gz"}}
    )
    assert (in_s3.state, in_s3.s3_arn) == ("ready", "arn:aws:s3:::logs/web/1.gz")


def test_a_log_event_loses_its_final_newline_only() -> None:
    events = logs.events({"events": [{"timestamp": 5, "message": "a\r\n\n"}, {"timestamp": 6, "message": ""}]})
    assert [(event.at_ms, event.text) for event in events] == [(5, "a\r\n"), (6, "")]
