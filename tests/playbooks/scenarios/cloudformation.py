"""Stacks: a resource that fails, nested, dead states, change sets, capabilities, templates, exports."""

from __future__ import annotations

from typing import Any

from core.playbook import Subject
from tests.playbooks.corpus import Case
from tests.playbooks.recorded import Reply, absent, allows, denied, reply
from tests.playbooks.scene import ACCOUNT, NOW, REGION, subject, trust

CFN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/cfn"
STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/web/11112222"
NESTED = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/web-Db/33334444"
ROLLED = "Stack web failed to update: UPDATE_ROLLBACK_COMPLETE"


def _subject(message: str = ROLLED, status: str = "Failed", provider: str = "CloudFormation", **config: str) -> Subject:
    configuration = {
        "ActionMode": "CREATE_UPDATE",
        "StackName": "web",
        "RoleArn": CFN_ROLE,
        "TemplatePath": "Built::packaged.yaml",
        **config,
    }
    return subject(
        provider, category="Deploy", configuration=configuration, inputs=["Built"], message=message, status=status
    )


def _stack(status: str = "UPDATE_COMPLETE", **more: Any) -> Reply:
    value = {"StackName": "web", "StackId": STACK, "StackStatus": status, "RoleARN": CFN_ROLE, **more}
    return reply("cloudformation", "DescribeStacks", {"Stacks": [value]})


def _event(logical: str, kind: str, status: str, reason: str = "", at: float = 400.0, **more: Any) -> dict[str, Any]:
    return {
        "StackId": STACK,
        "StackName": "web",
        "LogicalResourceId": logical,
        "PhysicalResourceId": "x",
        "ResourceType": kind,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        "Timestamp": NOW - at,
        **more,
    }


def _begin(stack: str = STACK) -> dict[str, Any]:
    kind = "AWS::CloudFormation::Stack"
    return _event("web", kind, "UPDATE_IN_PROGRESS", "User Initiated", 500.0, StackId=stack, PhysicalResourceId=stack)


def _events(*events: dict[str, Any], stack: str = STACK) -> Reply:
    """Events as given oldest first; the API gives the newest first."""
    return reply("cloudformation", "DescribeStackEvents", {"StackEvents": list(reversed(events))}, StackName=stack)


WELL = [
    _stack(),
    _events(_begin(), _event("Queue", "AWS::SQS::Queue", "UPDATE_COMPLETE")),
    reply("codepipeline", "GetPipeline", {"pipeline": {"name": "web", "version": 3, "stages": []}}),
    trust(CFN_ROLE, "cloudformation.amazonaws.com"),
]
REFUSED = (
    f"User: arn:aws:sts::{ACCOUNT}:assumed-role/cfn/AWSCloudFormation is not authorized to perform: sqs:CreateQueue on "
    f"resource: arn:aws:sqs:{REGION}:{ACCOUNT}:jobs because no identity-based policy allows the sqs:CreateQueue action"
)

CASES = [
    Case("cfn-healthy", "cloudformation", _subject("", "Succeeded"), WELL),
    Case(
        "cfn-healthy-after-an-old-failure",
        "cloudformation",
        _subject("", "Succeeded"),
        [_events(_begin(), _event("Queue", "AWS::SQS::Queue", "CREATE_FAILED", "Some reason")), *WELL],
    ),
    Case(
        "cfn-resource-refused",
        "cloudformation",
        _subject(),
        [
            _stack("UPDATE_ROLLBACK_COMPLETE"),
            _events(
                _begin(),
                _event("Queue", "AWS::SQS::Queue", "CREATE_FAILED", REFUSED),
                _event("Topic", "AWS::SNS::Topic", "CREATE_FAILED", "Resource creation cancelled"),
            ),
            allows("sqs:CreateQueue", role=CFN_ROLE),
            *WELL,
        ],
        "cfn.resource-failed",
        "sqs:CreateQueue",
        automatic=True,
    ),
    Case(
        "cfn-nested-already-exists",
        "cloudformation",
        _subject(),
        [
            _stack("UPDATE_ROLLBACK_COMPLETE"),
            _events(
                _begin(),
                _event(
                    "Db",
                    "AWS::CloudFormation::Stack",
                    "CREATE_FAILED",
                    "Embedded stack web-Db was not successfully created",
                    PhysicalResourceId=NESTED,
                ),
            ),
            _events(
                _begin(NESTED),
                _event("Table", "AWS::DynamoDB::Table", "CREATE_FAILED", "shop already exists", StackId=NESTED),
                stack=NESTED,
            ),
            *WELL,
        ],
        "cfn.already-exists",
        "import it",
    ),
    Case(
        "cfn-rollback-complete",
        "cloudformation",
        _subject("Stack:web is in ROLLBACK_COMPLETE state and can not be updated. (ValidationError)"),
        [
            _stack("ROLLBACK_COMPLETE"),
            _events(_begin(), _event("Queue", "AWS::SQS::Queue", "CREATE_FAILED", "Some old reason", 90_000.0)),
            *WELL,
        ],
        "cfn.rollback-complete",
        "Delete stack web",
        automatic=True,
    ),
    Case(
        "cfn-rollback-failed",
        "cloudformation",
        _subject("Stack:web is in UPDATE_ROLLBACK_FAILED state and can not be updated."),
        [_stack("UPDATE_ROLLBACK_FAILED"), *WELL],
        "cfn.rollback-complete",
        "rollback",
        automatic=True,
    ),
    Case(
        "cfn-busy",
        "cloudformation",
        _subject("Stack:web is in UPDATE_IN_PROGRESS state and can not be updated."),
        [_stack("UPDATE_IN_PROGRESS"), *WELL],
        "cfn.stack-busy",
    ),
    Case(
        "cfn-capabilities",
        "cloudformation",
        _subject("Requires capabilities : [CAPABILITY_NAMED_IAM] (InsufficientCapabilitiesException)"),
        WELL,
        "cfn.capabilities",
        "CAPABILITY_NAMED_IAM",
    ),
    Case(
        "cfn-parameters",
        "cloudformation",
        _subject("Parameters: [VpcId] must have values (ValidationError)"),
        WELL,
        "cfn.template-invalid",
    ),
    Case(
        "cfn-overrides-not-json",
        "cloudformation",
        _subject("Invalid action configuration", ParameterOverrides='{"VpcId": }'),
        WELL,
        "cfn.template-invalid",
    ),
    Case(
        "cfn-change-set-gone",
        "cloudformation",
        _subject(
            "ChangeSet [web-changes] does not exist (ChangeSetNotFoundException)",
            ActionMode="CHANGE_SET_EXECUTE",
            ChangeSetName="web-changes",
        ),
        [absent("cloudformation", "DescribeChangeSet"), *WELL],
        "cfn.change-set-empty",
        "list-change-sets",
    ),
    Case(
        "cfn-export-in-use",
        "cloudformation",
        _subject(),
        [
            _stack("UPDATE_ROLLBACK_COMPLETE"),
            _events(
                _begin(),
                _event(
                    "web",
                    "AWS::SSM::Parameter",
                    "UPDATE_FAILED",
                    "Export shop-vpc cannot be updated as it is in use by app",
                ),
            ),
            reply("cloudformation", "ListImports", {"Imports": ["app"]}),
            *WELL,
        ],
        "cfn.export-in-use",
        "app",
    ),
    Case(
        "cfn-stack-set",
        "cloudformation",
        _subject(
            "The stack set operation failed", provider="CloudFormationStackSet", StackSetName="baseline", StackName=""
        ),
        [
            reply(
                "cloudformation", "ListStackSetOperations", {"Summaries": [{"OperationId": "op-1", "Status": "FAILED"}]}
            ),
            reply(
                "cloudformation",
                "ListStackSetOperationResults",
                {
                    "Summaries": [
                        {
                            "Account": "444455556666",
                            "Region": REGION,
                            "Status": "FAILED",
                            "StatusReason": "Account 444455556666 should have a trusting execution role",
                        }
                    ]
                },
            ),
            *WELL,
        ],
        "permission.role-trust",
        "list-stack-instances",
    ),
    Case(
        "cfn-not-allowed-to-look",
        "cloudformation",
        _subject("Stack:web is in ROLLBACK_COMPLETE state and can not be updated. (ValidationError)"),
        [denied("cloudformation", "DescribeStacks"), denied("cloudformation", "DescribeStackEvents"), *WELL],
        "cfn.rollback-complete",
        proven=False,
    ),
]
