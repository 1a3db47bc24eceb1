"""Ways to put it right that several playbooks offer. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from core.arn import Arn
from core.commands import aws_command
from core.console import role_url
from core.fact import Fact, Outcome
from core.finding import Fix
from core.plan import Call, Check, Plan, Risk
from core.plans.iam import POLICY_NAME, add_action, role_name, statement_id
from core.plans.setting import Where
from core.playbook import Facts, Subject
from core.repair import Repair

__all__ = ["allow_fix", "command", "elsewhere", "foreign", "manual", "planned", "push_hint", "retry_hint", "where_of"]

_NOT_READ = Fact(0, "iam", "GetRolePolicy", {}, Outcome.ERROR)


def command(subject: Subject, service: str, operation: str, **params: object) -> str:
    """The `aws` command for an operation, in the action's region and the pipeline's profile."""
    place = subject.ref.place
    return aws_command(Call(service, operation, params), region=subject.region, profile=place.profile)


def manual(
    fix_id: str,
    title: str,
    steps: Sequence[str],
    *,
    commands: Sequence[str] = (),
    url: str = "",
    risk: Risk = Risk.LOW,
    repair: Repair | None = None,
    wait: Check | None = None,
) -> Fix:
    """Instructions for a person; `repair` a file of the repository, `wait` for what is done elsewhere."""
    return Fix(fix_id, title, risk, None, tuple(steps), tuple(commands), url, repair, wait)


def planned(
    fix_id: str,
    title: str,
    plan: Plan | None,
    steps: Sequence[str],
    *,
    commands: Sequence[str] = (),
    url: str = "",
    risk: Risk = Risk.LOW,
) -> Fix:
    """A fix that the program can make where there is a plan, and instructions (with commands) where there is none."""
    return Fix(fix_id, title, plan.risk if plan else risk, plan, tuple(steps), () if plan else tuple(commands), url)


def where_of(subject: Subject) -> Where:
    """For which pipeline, and by whom, a change is planned."""
    return Where.of(subject.ref, subject.identity.account)


def elsewhere(subject: Subject) -> str:
    """The action's region where it is not the pipeline's; empty otherwise."""
    return "" if subject.region == subject.ref.place.region else subject.region


def foreign(subject: Subject) -> bool:
    """Whether the action works in another account: then nothing there can be changed with the caller's credentials."""
    role = Arn.parse(subject.action.role_arn)
    return role is not None and role.account != subject.identity.account


def retry_hint(subject: Subject) -> str:
    """The last sentence of most instructions."""
    return f"Then retry stage {subject.stage.name} (key R on the pipeline)."


def push_hint(subject: Subject) -> str:
    """The last sentence where a file of the repository is corrected."""
    stage = subject.stage.name
    return f"Commit and push it: a new execution takes it. A retry of {stage} would take the old revision again."


def _put_by_hand(subject: Subject, name: str, actions: Sequence[str], resources: Sequence[str]) -> str:
    """The command that adds the statement in a policy of its own, so that it replaces nothing."""
    statement = {
        "Sid": statement_id(actions, resources),
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    params = {
        "RoleName": name,
        "PolicyName": f"{POLICY_NAME}-{actions[0].partition(':')[0]}",
        "PolicyDocument": json.dumps(document, separators=(",", ":")),
    }
    return aws_command(Call("iam", "PutRolePolicy", params), profile=subject.ref.place.profile)


def allow_fix(
    subject: Subject,
    role_arn: str,
    actions: Sequence[str],
    resources: Sequence[str],
    facts: Facts,
    *,
    affects: Sequence[str] = (),
    context: Sequence[tuple[str, str]] = (),
) -> Fix:
    """The fix for missing actions (all of one service): automatic where the plan can be made, else by hand.

    `facts` are those of `read_inline`; without them the fix is manual.
    """
    name = role_name(role_arn)
    fix_id = f"iam.add-action:{name}:{statement_id(actions, resources)}"
    title = f"Allow {', '.join(actions)} for role {name}"
    current = facts.get(f"inline:{POLICY_NAME}", _NOT_READ)
    all_known = "inline" in facts and (facts["inline"].ok or facts["inline"].outcome is Outcome.NO_DATA)
    others = [fact for key, fact in facts.items() if key.startswith("inline:") and key != f"inline:{POLICY_NAME}"]
    plan = (
        add_action(
            place=subject.ref.place,
            account=subject.identity.account,
            pipeline=subject.ref.name,
            role_arn=role_arn,
            actions=actions,
            resources=resources,
            current=current,
            others=others,
            affects=affects,
            context=context,
        )
        if all_known
        else None
    )
    arn = Arn.parse(role_arn)
    where = f" in account {arn.account}" if arn and arn.account != subject.identity.account else ""
    steps = (
        f"Open role {name}{where}, or the template or code that makes it: a change by hand may be overwritten there.",
        f"Add a statement that allows {', '.join(actions)} on {', '.join(resources)}.",
        retry_hint(subject),
    )
    by_hand = _put_by_hand(subject, name, actions, resources)
    url = role_url(name, arn.partition if arn else "aws")
    return Fix(fix_id, title, Risk.LOW, plan, steps, () if plan else (by_hand,), url)
