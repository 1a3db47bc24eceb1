"""Roles of a pipeline: who may assume them, what they lack, and what bucket and key policies deny them."""

from __future__ import annotations

import asyncio
import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any

from core.arn import Arn
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.playbook import Facts, Playbook, Step, Subject
from core.policy import document_of, statements

from ._access import ACCESS_READS, check_denials, judge_denials
from ._answers import failed, finding, healthy, not_applicable, numbers, passed, unknown, unseen
from ._ask import ask
from ._build_needs import build_needs
from ._denial import Denial, denials, speaks_of_access
from ._fixes import command, manual, retry_hint
from ._grants import GRANT_READS, judge_grants, judge_role, read_grants
from ._needs import acting_account, action_needs, assume_needs, store_of
from ._roles import CAVEAT, label, service_caller
from ._text import text_findings
from ._trust import Caller

__all__ = ["PLAYBOOK"]

_ID = "permissions"
_Map = Mapping[str, Any]


def _said(subject: Subject) -> str:
    """All the text there is of the failure: the message, and what the engine found deciding in the log."""
    evidence = (line.text for each in subject.hypotheses for line in each.evidence)
    return "\n".join(dict.fromkeys([subject.action_state.error_message or subject.action_state.summary, *evidence]))


def _refusals(subject: Subject) -> tuple[Denial, ...]:
    return denials((0, line) for line in _said(subject).splitlines())


def _own_source(subject: Subject) -> str:
    """ARN of the pipeline, which its requests carry as aws:SourceArn."""
    where, identity = subject.ref.place.region, subject.identity
    return f"arn:{identity.partition}:codepipeline:{where}:{identity.account}:{subject.ref.name}"


# --- what was refused


async def _gather_refused(subject: Subject, evidence: Evidence) -> Facts:
    found = [each for each in _refusals(subject) if each.action != "sts:AssumeRole"]
    roles = [each for each in (subject.role_arn, subject.definition.role_arn) if each]
    build = [] if subject.action.provider != "CodeBuild" else await _build_role(subject, evidence)
    return await check_denials(subject, evidence, found, [*build, *roles])


async def _build_role(subject: Subject, evidence: Evidence) -> list[str]:
    project = await _project(subject, evidence)
    role = str(project.get("projects", 0, "serviceRole", default="")) if project else ""
    return [role] if role else []


async def _project(subject: Subject, evidence: Evidence) -> Fact | None:
    name = subject.action.configuration.get("ProjectName", "")
    if subject.action.provider != "CodeBuild" or not name:
        return None
    return await ask(subject, evidence, "codebuild", "BatchGetProjects", {"names": [name]})


def _judge_refused(subject: Subject, facts: Facts) -> Answer:
    said = _said(subject)
    found = [each for each in _refusals(subject) if each.action != "sts:AssumeRole"]
    if not found:
        access = [each for each in subject.hypotheses if each.cause.startswith("permission.")]
        if access:
            findings = text_findings(subject, _ID, access)
            return failed(f"{access[0].title}.", findings=findings, lines=[(0, said.splitlines()[0] if said else "")])
        if speaks_of_access(said):
            return unknown("The message speaks of access and names no action.", lines=[(0, said)])
        return not_applicable("The message speaks of no refused call.")
    checked = judge_denials(subject, _ID, found, facts)
    findings = tuple(each.finding for each in checked)
    best = next((each for each in checked if each.state == "confirmed"), checked[0])
    lines = [(0, each.text) for each in found]
    cited = list(facts.values())
    if best.state == "confirmed":
        return failed(best.detail, *cited, findings=findings, lines=lines)
    if cannot := unseen(*cited):
        return Answer(cannot.verdict, f"{best.detail} {cannot.detail}", numbers(cited), findings, tuple(lines))
    return unknown(best.detail, *cited, findings=findings, lines=lines)


_REFUSED = Step(
    id="refused",
    question="Which call was refused, to whom, and does IAM agree?",
    why="A refusal names role, action and resource; the simulation tells a lack from a deny.",
    reads=("codebuild:BatchGetProjects", *ACCESS_READS),
    gather=_gather_refused,
    judge=_judge_refused,
)


# --- a role against its needs


def _answer(subject: Subject, facts: Facts, role_arn: str, caller: Caller, needs: Sequence[Any], said: str) -> Answer:
    trust = judge_role(subject, _ID, facts, role_arn, caller, said)
    grants = judge_grants(subject, _ID, facts, role_arn, needs, said)
    lines = [*trust.lines, *grants.lines]
    cited = [fact for name, fact in facts.items() if name == "role" or name.startswith("sim:")]
    findings = (*trust.findings, *grants.findings)
    if trust.trouble or grants.trouble:
        return failed(f"{trust.trouble} {grants.trouble}".strip(), *cited, findings=findings, lines=lines)
    if cannot := unseen(*cited):
        return cannot
    return passed(f"{trust.detail} {grants.detail}".strip() or "Nothing is needed of it.", *cited, lines=lines)


async def _gather_pipeline_role(subject: Subject, evidence: Evidence) -> Facts:
    needs = assume_needs(subject) or action_needs(subject)
    return await read_grants(subject, evidence, subject.definition.role_arn, needs)


def _judge_pipeline_role(subject: Subject, facts: Facts) -> Answer:
    role = subject.definition.role_arn
    if not role:
        return unknown("The definition names no role.")
    caller = service_caller(subject, "codepipeline.amazonaws.com", _own_source(subject))
    return _answer(subject, facts, role, caller, assume_needs(subject) or action_needs(subject), _said(subject))


_PIPELINE_ROLE = Step(
    id="pipeline-role",
    question="May CodePipeline use the pipeline's role, and may the role do what the action needs?",
    why="CodePipeline does everything with this role, or assumes the action's own role with it.",
    reads=GRANT_READS,
    gather=_gather_pipeline_role,
    judge=_judge_pipeline_role,
)


def _has_own_role(subject: Subject) -> bool:
    return bool(assume_needs(subject))


async def _gather_action_role(subject: Subject, evidence: Evidence) -> Facts:
    if not _has_own_role(subject):
        return {}
    return await read_grants(subject, evidence, subject.action.role_arn, action_needs(subject))


def _judge_action_role(subject: Subject, facts: Facts) -> Answer:
    if not _has_own_role(subject):
        return not_applicable("The action has no role of its own; the pipeline's acts.")
    caller = Caller(arn=subject.definition.role_arn)
    return _answer(subject, facts, subject.action.role_arn, caller, action_needs(subject), _said(subject))


_ACTION_ROLE = Step(
    id="action-role",
    question="If the action has a role of its own, may the pipeline assume it, and may it do the work?",
    why="Across accounts both sides must agree: the pipeline's role may assume it, and its trust policy lets that in.",
    reads=GRANT_READS,
    gather=_gather_action_role,
    judge=_judge_action_role,
)


# --- roles of what the action starts


def _handed_role(subject: Subject, project: Fact | None) -> tuple[str, str]:
    """The role that the action hands to the service that works, and that service; empty for none."""
    if project is not None:
        return str(project.get("projects", 0, "serviceRole", default="")), "codebuild.amazonaws.com"
    if subject.action.provider == "CloudFormation":
        return subject.action.configuration.get("RoleArn", ""), "cloudformation.amazonaws.com"
    return "", ""


async def _gather_service_role(subject: Subject, evidence: Evidence) -> Facts:
    project = await _project(subject, evidence)
    role, _ = _handed_role(subject, project)
    facts: dict[str, Fact] = {"project": project} if project else {}
    if role:
        found = project.get("projects", 0, default={}) if project else {}
        facts |= await read_grants(subject, evidence, role, build_needs(subject, found) if project else ())
    return facts


def _judge_service_role(subject: Subject, facts: Facts) -> Answer:
    project = facts.get("project")
    if cannot := unseen(project):
        return cannot
    role, service = _handed_role(subject, project)
    if not role:
        return not_applicable("The action hands no role to another service.")
    needs = build_needs(subject, project.get("projects", 0, default={})) if project else ()
    return _answer(subject, facts, role, service_caller(subject, service), needs, _said(subject))


_SERVICE_ROLE = Step(
    id="service-role",
    question="May the service that does the work use its role, and may the role do what the work needs?",
    why="CodeBuild and CloudFormation work with a role of their own; its lacks show up as their failures.",
    reads=("codebuild:BatchGetProjects", *GRANT_READS),
    gather=_gather_service_role,
    judge=_judge_service_role,
)


# --- bucket and key


async def _gather_store(subject: Subject, evidence: Evidence) -> Facts:
    store = store_of(subject)
    if store is None:
        return {}

    async def bucket() -> Fact:
        params = {"Bucket": store.bucket}
        return await evidence.read("s3", "GetBucketPolicy", params, region=_elsewhere(subject))

    async def key() -> dict[str, Fact]:
        if not store.key_id:
            return {}
        known = await evidence.read("kms", "DescribeKey", {"KeyId": store.key_id}, region=_elsewhere(subject))
        arn = known.get("KeyMetadata", "Arn", default=store.key_id)
        if known.get("KeyMetadata", "KeyManager") == "AWS":
            return {"key": known}
        params = {"KeyId": arn, "PolicyName": "default"}
        return {
            "key": known,
            "key-policy": await evidence.read("kms", "GetKeyPolicy", params, region=_elsewhere(subject)),
        }

    found, keys = await asyncio.gather(bucket(), key())
    return {"bucket-policy": found, **keys}


def _elsewhere(subject: Subject) -> str:
    return "" if subject.region == subject.ref.place.region else subject.region


def _names(statement: _Map, principal_arn: str) -> bool:
    """Whether a statement's principal covers a role (or everyone)."""
    principal = statement.get("Principal")
    if principal == "*":
        return True
    given = principal.get("AWS", ()) if isinstance(principal, Mapping) else ()
    arn = Arn.parse(principal_arn)
    root = f"arn:{arn.partition}:iam::{arn.account}:root" if arn else ""
    return any(each in ("*", principal_arn, root, arn.account if arn else "") for each in _listed(given))


def _listed(value: object) -> list[str]:
    return (
        [value] if isinstance(value, str) else [str(each) for each in value] if isinstance(value, (list, tuple)) else []
    )


def _grants(document: _Map, role_arn: str, action: str) -> bool:
    return any(
        statement.get("Effect") == "Allow"
        and _names(statement, role_arn)
        and any(fnmatch.fnmatchcase(action.lower(), each.lower()) for each in _listed(statement.get("Action")))
        for statement in statements(document)
    )


def _denies(document: _Map, role_arn: str, action: str) -> str:
    """The id of a statement that denies the role the action without a condition; empty for none."""
    for index, statement in enumerate(statements(document)):
        if statement.get("Effect") != "Deny" or statement.get("Condition") or not _names(statement, role_arn):
            continue
        if any(fnmatch.fnmatchcase(action.lower(), each.lower()) for each in _listed(statement.get("Action"))):
            return str(statement.get("Sid") or f"statement {index + 1}")
    return ""


def _document(fact: Fact | None) -> _Map | None:
    """The policy document of GetBucketPolicy or GetKeyPolicy; empty where there is none, None where it is not known."""
    if fact is None or fact.outcome is Outcome.NO_DATA:
        return {}
    try:
        return document_of(fact.get("Policy", default={})) if fact.ok else None
    except ValueError:
        return None


def _acting_roles(subject: Subject) -> list[str]:
    return [each for each in dict.fromkeys((subject.role_arn, subject.definition.role_arn)) if each]


def _bucket_trouble(subject: Subject, document: _Map, bucket: str) -> tuple[str, str]:
    """(cause, sentence) of what the bucket policy does to the roles; empty for nothing."""
    for role in _acting_roles(subject):
        if sid := _denies(document, role, "s3:GetObject"):
            return "permission.explicit-deny", f"The policy of bucket {bucket} denies {label(role)} (statement {sid})."
    if acting_account(subject) != subject.identity.account and not _grants(document, subject.role_arn, "s3:GetObject"):
        return (
            "permission.cross-account",
            f"The policy of bucket {bucket} does not let {subject.role_arn} of account {acting_account(subject)} read.",
        )
    return "", ""


def _key_trouble(subject: Subject, facts: Facts) -> tuple[str, str]:  # noqa: PLR0911 (one return a trouble)
    """(cause, sentence) of what is wrong with the artifact key; empty for nothing."""
    key = facts.get("key")
    if key is None:
        return "", ""
    if key.outcome is Outcome.NO_DATA:
        return "artifact.kms-denied", f"KMS knows no such key: {key.params.get('KeyId')}."
    state = key.get("KeyMetadata", "KeyState", default="Enabled")
    name = key.get("KeyMetadata", "Arn", default=str(key.params.get("KeyId")))
    if state != "Enabled":
        return "artifact.kms-denied", f"The artifact key {name} is {state}."
    document = _document(facts.get("key-policy"))
    if not document:
        return "", ""
    for role in _acting_roles(subject):
        if sid := _denies(document, role, "kms:Decrypt"):
            return "permission.explicit-deny", f"The policy of key {name} denies {label(role)} (statement {sid})."
    across = acting_account(subject) != subject.identity.account
    if across and not _grants(document, subject.role_arn, "kms:Decrypt"):
        return "artifact.kms-denied", f"The policy of key {name} does not let {subject.role_arn} decrypt."
    return "", ""


def _judge_store(subject: Subject, facts: Facts) -> Answer:
    store = store_of(subject)
    if store is None:
        return unknown("The definition has no artifact store for the action's region.")
    cited = list(facts.values())
    document = _document(facts.get("bucket-policy"))
    troubles = [] if document is None else [_bucket_trouble(subject, document, store.bucket)]
    troubles.append(_key_trouble(subject, facts))
    troubles = [each for each in troubles if each[0]]
    if not troubles:
        if cannot := unseen(*cited):
            return cannot
        key = f" and key {store.key_id}" if store.key_id else ""
        return passed(f"Nothing in the policies of bucket {store.bucket}{key} keeps the roles out.", *cited)
    said = _said(subject)
    if healthy(subject):
        return unknown(f"{' '.join(text for _, text in troubles)} The last run passed all the same.", *cited)
    proven = speaks_of_access(said) and any(word in said.lower() for word in ("s3", "kms", "artifact", "bucket"))
    findings = [
        finding(
            subject,
            _ID,
            cause,
            0.93 if proven else 0.5,
            text.rstrip("."),
            f"{text} Artifacts lie in that bucket under that key; without both the action gets nothing. {CAVEAT}",
            cited,
            fixes=[_store_fix(subject, store.bucket, store.key or store.key_id, text)],
            disproved_by="a read of an artifact of this pipeline with that role that succeeds",
            proven=proven,
        )
        for cause, text in troubles
    ]
    return failed(" ".join(text for _, text in troubles), *cited, findings=findings)


def _store_fix(subject: Subject, bucket: str, key: str, text: str) -> Any:
    commands = [command(subject, "s3", "GetBucketPolicy", Bucket=bucket)]
    if key:
        commands.append(command(subject, "kms", "GetKeyPolicy", KeyId=key, PolicyName="default"))
    whole = "Bucket and key policies are replaced whole, so change the present text and put all of it back."
    steps = [text, f"Correct the statement (or the key's state) where the policy is made. {whole}", retry_hint(subject)]
    return manual("permissions.store-policy", "Correct the bucket's or the key's policy", steps, commands=commands)


_STORE = Step(
    id="store",
    question="Do the artifact bucket's and key's own policies let the roles in?",
    why="Across accounts both sides must allow, and an explicit deny on either side outweighs every allow.",
    reads=("s3:GetBucketPolicy", "kms:DescribeKey", "kms:GetKeyPolicy"),
    gather=_gather_store,
    judge=_judge_store,
)


def _applies(subject: Subject) -> float:
    if any(each.cause.startswith(("permission.", "artifact.", "s3deploy.")) for each in subject.hypotheses):
        return 0.9
    if speaks_of_access(subject.action_state.error_message):
        return 0.85
    return 0.3


PLAYBOOK = Playbook(
    id=_ID,
    title="Permissions of the roles",
    summary="Simulates what the definition needs for every role that acts here, and reads who may assume them.",
    steps=(_REFUSED, _PIPELINE_ROLE, _ACTION_ROLE, _SERVICE_ROLE, _STORE),
    applies=_applies,
    causes=(
        "artifact.access-denied",
        "artifact.kms-denied",
        "build.env-secret",
        "build.image-pull-failed",
        "build.logs-denied",
        "build.vpc-config",
        "permission.action-denied",
        "permission.cross-account",
        "permission.credentials-expired",
        "permission.explicit-deny",
        "permission.pass-role",
        "permission.role-trust",
        "s3deploy.denied",
        "source.connection-denied",
    ),
)
