"""Refusals checked against IAM: is what the text says still so, which policy does it, and what would allow it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.arn import Arn
from core.fact import Evidence, Fact
from core.finding import Finding, Fix
from core.plans.simulation import Decision, decisions
from core.playbook import Facts, Subject

from ._answers import finding
from ._build_needs import secret_arn
from ._denial import Denial
from ._fixes import allow_fix, manual, retry_hint
from ._needs import arn, store_of
from ._roles import CAVEAT, absent, assuming_role, label, read_inline, read_role
from ._simulated import POLICY_READS, simulated

__all__ = ["ACCESS_READS", "Checked", "cause_of", "check_denials", "judge_denials", "least"]

ACCESS_READS = ("iam:GetRole", *POLICY_READS)
_MOST = 4
# Actions without a resource level (service authorization reference): for these alone "*" is the least there is.
_UNSCOPED = (
    "ecr:GetAuthorizationToken",
    "ec2:Describe",
    "ecs:RegisterTaskDefinition",
    "ecs:DescribeTaskDefinition",
    "sts:GetCallerIdentity",
    "sts:GetServiceBearerToken",
    "cloudformation:ValidateTemplate",
    "ec2:CreateNetworkInterface",
    "ssm:DescribeParameters",
    "elasticloadbalancing:Describe",
    "autoscaling:Describe",
    "s3:ListAllMyBuckets",
)
_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "s3:GetObject": ("s3:GetObject", "s3:GetObjectVersion"),
    "s3:GetObjectVersion": ("s3:GetObject", "s3:GetObjectVersion"),
}
_CAUSE_OF_ACTION: Mapping[str, str] = {
    "iam:PassRole": "permission.pass-role",
    "codestar-connections:UseConnection": "source.connection-denied",
    "codeconnections:UseConnection": "source.connection-denied",
    "codestar-connections:PassConnection": "source.connection-denied",
    "codeconnections:PassConnection": "source.connection-denied",
    "logs:CreateLogGroup": "build.logs-denied",
    "logs:CreateLogStream": "build.logs-denied",
    "logs:PutLogEvents": "build.logs-denied",
    "ec2:CreateNetworkInterface": "build.vpc-config",
    "ec2:CreateNetworkInterfacePermission": "build.vpc-config",
    "ec2:DeleteNetworkInterface": "build.vpc-config",
}


def cause_of(  # noqa: PLR0911 (a decision table)
    subject: Subject, denial: Denial, *, from_environment: bool = False
) -> str:
    """The vocabulary's id for a refusal; `from_environment`: CodeBuild itself asked, for an environment variable."""
    service = denial.action.partition(":")[0]
    if denial.explicit or denial.policy_kind in ("service control policy", "permissions boundary", "session policy"):
        return "permission.explicit-deny"
    if denial.action == "sts:AssumeRole":
        return "permission.role-trust"
    store = store_of(subject)
    owner = Arn.parse(denial.resource)
    if denial.policy_kind == "resource-based policy" and owner and owner.account not in ("", denial.account):
        return "permission.cross-account"
    if service == "s3" and store and denial.resource.startswith(store.bucket_arn):
        return "artifact.access-denied"
    if service == "s3" and subject.action.provider == "S3" and subject.action.category == "Deploy":
        return "s3deploy.denied"
    if service == "kms" and store and store.key_id and denial.resource in ("", store.key):
        return "artifact.kms-denied"
    if from_environment and service in ("ssm", "secretsmanager"):
        return "build.env-secret"
    if denial.policy_kind == "resource-based policy":
        return "permission.cross-account"
    known = _CAUSE_OF_ACTION.get(denial.action, "permission.action-denied")
    in_build = subject.action.provider in ("CodeBuild", "Commands")
    return known if in_build or not known.startswith("build.") else "permission.action-denied"


def least(subject: Subject, denial: Denial) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The actions and resources that would allow what was refused and no more; no resources where that is not known."""
    actions = _TOGETHER.get(denial.action, (denial.action,))
    store = store_of(subject)
    if store and denial.resource.startswith(f"{store.bucket_arn}/") and denial.action.startswith("s3:"):
        return actions, (store.objects,)
    if denial.resource.startswith("arn:"):
        return actions, (denial.resource,)
    if denial.action.startswith(_UNSCOPED):
        return actions, ("*",)
    if denial.action.startswith("kms:") and store and store.key:
        return actions, (store.key,)
    if denial.action.startswith("secretsmanager:") and denial.resource:
        return actions, (secret_arn(subject, denial.resource),)
    return actions, ()


def _candidates(subject: Subject, denial: Denial, roles: Iterable[str]) -> str:
    """The ARN of the refused role: one of those known, or one put together from the session's ARN (path unknown)."""
    known = list(roles)
    if not denial.principal:
        return known[0] if known else ""
    for each in known:
        parsed = Arn.parse(each)
        if parsed and parsed.name == denial.role and parsed.account == denial.account:
            return each
    if not denial.role:
        return ""
    return arn(subject, "iam", f"role/{denial.role}", account=denial.account, region="")


async def check_denials(
    subject: Subject, evidence: Evidence, found: Sequence[Denial], roles: Sequence[str]
) -> dict[str, Fact]:
    """Simulate what was refused, and read what a fix must know.

    Args:
        subject: what is diagnosed.
        evidence: how to read.
        found: refusals, the first ones are checked.
        roles: ARNs of the roles that act here, the likeliest first (it stands for a refusal that names none).

    Returns:
        Facts ``denial:N`` (the simulation), ``denial-role:N`` and the inline policies of the first role refused.
    """
    facts: dict[str, Fact] = {}

    async def one(index: int, denial: Denial) -> None:
        role_arn = _candidates(subject, denial, roles)
        if not role_arn or denial.action == "sts:AssumeRole":
            return
        role = await read_role(subject, evidence, role_arn)
        facts[f"denial-role:{index}"] = role
        if absent(role):
            return
        real = role.get("Role", "Arn", default=role_arn)
        actions, resources = least(subject, denial)
        exact = (denial.resource,) if denial.resource.startswith("arn:") else resources
        through = assuming_role(subject, real)
        facts[f"denial:{index}"] = await simulated(evidence, real, actions, exact, through=through)
        if _verdict(facts[f"denial:{index}"], denial) in ("implicitDeny", "explicitDeny"):
            inline = await read_inline(subject, evidence, real)
            facts.update({f"{index}/{name}": fact for name, fact in inline.items()})

    await asyncio.gather(*(one(index, denial) for index, denial in enumerate(found[:_MOST])))
    return facts


def _decided(fact: Fact, denial: Denial) -> Decision | None:
    known = decisions(fact).values()
    of_action = [each for each in known if each.action.lower() == denial.action.lower()]
    return next((each for each in of_action if not each.allowed), of_action[0] if of_action else None)


def _verdict(fact: Fact, denial: Denial) -> str:
    decided = _decided(fact, denial)
    return decided.verdict if decided else ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking one refusal: ``confirmed``, ``refuted`` or ``open``, in a sentence, with its finding."""

    denial: Denial
    state: str
    detail: str
    finding: Finding


def judge_denials(
    subject: Subject,
    playbook: str,
    found: Sequence[Denial],
    facts: Facts,
    text_fact: Sequence[Fact] = (),
    environment: frozenset[str] = frozenset(),
) -> list[Checked]:
    """Return what became of each refusal; `environment` holds resources that environment variables name."""
    return [
        _judge_one(subject, playbook, index, denial, facts, text_fact, environment)
        for index, denial in enumerate(found[:_MOST])
    ]


def _judge_one(
    subject: Subject,
    playbook: str,
    index: int,
    denial: Denial,
    facts: Facts,
    text_fact: Sequence[Fact],
    environment: frozenset[str],
) -> Checked:
    role, simulated = facts.get(f"denial-role:{index}"), facts.get(f"denial:{index}")
    cause = cause_of(subject, denial, from_environment=any(each in denial.resource for each in environment))
    role_arn = role.get("Role", "Arn", default="") if role else ""
    who = label(role_arn) if role_arn else f"role {denial.role}" if denial.role else "the role"
    on = f" on {denial.resource}" if denial.resource else ""
    refused = f"{who} was refused {denial.action}{on}"
    cited = [*text_fact, *(each for each in (role, simulated) if each)]
    decided = _decided(simulated, denial) if simulated and simulated.ok else None
    state, confidence, proven = "open", 0.8 if not denial.inferred else 0.6, False
    if decided is None:
        detail = f"{refused}; IAM's simulation gave no answer to it."
    elif decided.allowed and (denial.explicit or denial.policy_kind == "resource-based policy"):
        detail = f"{refused} by {denial.policy_kind or 'a policy'}; the role's own policies allow it. {CAVEAT}"
        confidence = 0.85
    elif decided.allowed:
        state, confidence = "refuted", 0.45
        detail = (
            f"{refused}, yet the role's own policies allow it now: a resource policy (bucket, key, repository), a "
            f"service control policy or a session policy refuses, or it was put right since. {CAVEAT}"
        )
    elif decided.missing:
        detail = f"{refused}; the simulation hangs on condition keys it was not given: {', '.join(decided.missing)}."
    else:
        state, confidence, proven = "confirmed", 0.97, True
        detail = f"{refused}, and IAM agrees: {decided.why}."
        if decided.verdict == "explicitDeny" or not decided.organization or not decided.boundary:
            cause = "permission.explicit-deny"
    fixes = () if state == "refuted" else _fixes(subject, index, denial, role_arn, cause, facts)
    return Checked(
        denial,
        state,
        detail,
        finding(
            subject,
            playbook,
            cause,
            confidence,
            f"{who[0].upper()}{who[1:]} may not {denial.action}{on}",
            detail,
            cited,
            fixes=fixes,
            disproved_by=f"a simulation of {denial.action}{on} for {who} that says allowed",
            proven=proven,
        ),
    )


def _fixes(subject: Subject, index: int, denial: Denial, role_arn: str, cause: str, facts: Facts) -> tuple[Fix, ...]:
    if cause == "permission.explicit-deny":
        steps = (
            (
                f"Find the statement that denies {denial.action} (permissions boundary, service control policy, or a "
                "Deny statement of the role) and narrow it; an allow cannot outweigh it."
            ),
            retry_hint(subject),
        )
        return (manual("iam.remove-deny", f"Narrow the deny of {denial.action}", steps),)
    actions, resources = least(subject, denial)
    if not role_arn or not resources:
        return ()
    inline = {name.partition("/")[2]: fact for name, fact in facts.items() if name.startswith(f"{index}/")}
    return (allow_fix(subject, role_arn, actions, resources, inline),)
