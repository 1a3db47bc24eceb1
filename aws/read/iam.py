"""What the caller may do, as IAM's policy simulator says."""

from __future__ import annotations

from collections.abc import Sequence

from aws.budget import Urgency
from aws.call import Caller
from aws.mapping.values import maps, text
from core.arn import role_of_session
from core.place import Identity, Place

__all__ = ["allowed_actions"]

# SimulatePrincipalPolicy takes up to 128 actions; its answers come in pages all the same.
_MOST_PAGES = 10


async def allowed_actions(caller: Caller, place: Place, identity: Identity, actions: Sequence[str]) -> dict[str, bool]:
    """Return for each action whether the caller's policies allow it on all resources; raises AwsError.

    Needs iam:SimulatePrincipalPolicy, and for an assumed role iam:GetRole.
    """
    source = identity.arn
    if name := role_of_session(identity.arn):
        answer = await caller.read(place, "iam", "GetRole", {"RoleName": name}, urgency=Urgency.ACTION)
        source = text(answer.get("Role", {}).get("Arn"))
    params = {"PolicySourceArn": source, "ActionNames": list(actions)}
    found: dict[str, bool] = {}
    for _ in range(_MOST_PAGES):
        answer = await caller.read(place, "iam", "SimulatePrincipalPolicy", params, urgency=Urgency.ACTION)
        for one in maps(answer.get("EvaluationResults")):
            found[text(one.get("EvalActionName"))] = text(one.get("EvalDecision")) == "allowed"
        if not (marker := text(answer.get("Marker"))):
            break
        params = {**params, "Marker": marker}
    return found
