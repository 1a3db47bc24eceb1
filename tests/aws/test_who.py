"""What the caller may do, and until when."""

from __future__ import annotations

import pytest

from aws.cloud import Cloud
from core.errors import AwsError, Denied
from core.features import abilities
from core.place import Identity, Place
from tests.aws.conftest import HERE
from tests.aws.stub import Asked, Raw, Refused, StubAws

ROLE = "arn:aws:iam::111122223333:role/team/OnCall"
SESSION = Identity("111122223333", "arn:aws:sts::111122223333:assumed-role/OnCall/lena")


def get_role(_: Asked) -> Raw:
    return Raw(
        f"<GetRoleResponse><GetRoleResult><Role><RoleName>OnCall</RoleName><Arn>{ROLE}</Arn><Path>/team/</Path>"
        "<RoleId>AROAEXAMPLE</RoleId><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role></GetRoleResult>"
        "</GetRoleResponse>".encode()
    )


def simulated(asked: Asked) -> Raw:
    names = [value for name, value in asked.params.items() if name.startswith("ActionNames.member")]
    members = "".join(
        f"<member><EvalActionName>{name}</EvalActionName><EvalDecision>"
        f"{'implicitDeny' if 'Put' in name else 'allowed'}</EvalDecision></member>"
        for name in names
    )
    return Raw(
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>"
        f"<EvaluationResults>{members}</EvaluationResults></SimulatePrincipalPolicyResult>"
        "</SimulatePrincipalPolicyResponse>".encode()
    )


async def test_a_session_is_asked_of_its_role_by_the_roles_own_arn(stub: StubAws, cloud: Cloud) -> None:
    stub.on("GetRole", get_role)
    stub.on("SimulatePrincipalPolicy", simulated)
    actions = ("codepipeline:GetPipelineState", "codepipeline:PutApprovalResult")
    decisions = await cloud.allowed(HERE, SESSION, actions)
    assert decisions == {"codepipeline:GetPipelineState": True, "codepipeline:PutApprovalResult": False}
    assert stub.asked[-1].params["PolicySourceArn"] == ROLE
    answer = next(each for each in abilities(decisions) if each.feature.name == "Answer approvals")
    assert answer.missing == ("codepipeline:PutApprovalResult",)


async def test_who_may_not_simulate_is_told_so(stub: StubAws, cloud: Cloud) -> None:
    stub.on("SimulatePrincipalPolicy", Refused("AccessDenied", "not authorized", 403))
    with pytest.raises(Denied):
        await cloud.allowed(HERE, Identity("111122223333", "arn:aws:iam::111122223333:user/lena"), ("iam:GetRole",))


async def test_plain_keys_do_not_end(stub: StubAws, cloud: Cloud) -> None:
    assert await cloud.credentials_end(HERE) is None


async def test_what_was_allowed_and_denied_is_remembered_by_profile(stub: StubAws, cloud: Cloud) -> None:
    stub.on("ListPipelines", {"pipelines": []})
    stub.on("GetPipelineState", Refused("AccessDeniedException", "not authorized"))
    stub.on("ListPipelineExecutions", Refused("PipelineNotFoundException", "no such pipeline"))
    reader = cloud.pipelines(HERE)
    await reader.names()
    for ask in (reader.state("web"), reader.executions("web")):
        with pytest.raises(AwsError):
            await ask
    assert cloud.witnessed(HERE) == {"codepipeline:ListPipelines": True, "codepipeline:GetPipelineState": False}
    assert cloud.witnessed(Place("other", "eu-west-1")) == {}
    stub.on("GetPipelineState", {"pipelineName": "web", "stageStates": []})
    await reader.state("web")
    assert cloud.witnessed(HERE)["codepipeline:GetPipelineState"]
