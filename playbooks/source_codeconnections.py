"""Sources through CodeConnections (GitHub, GitHub Enterprise, Bitbucket, GitLab), under its old and its new name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.arn import Arn
from core.console import connection_url
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer
from core.plan import Call, Check
from core.plans.iam import role_name
from core.playbook import Facts, Playbook, Step, Subject

from ._answers import failed, failing, finding, healthy, not_applicable, passed, unknown, unseen
from ._ask import nothing, through
from ._connection_start import START
from ._denial import speaks_of_access
from ._fixes import allow_fix, command, manual, retry_hint
from ._gone import gone
from ._grants import GRANT_READS
from ._needs import Need, connection_arn
from ._roles import CAVEAT, label, read_inline, refused_needs, simulate
from ._text import message_step

__all__ = ["PLAYBOOK"]

_ID = "source-codeconnections"
_LEGACY, _NEW = "codestar-connections", "codeconnections"
_Map = Mapping[str, Any]
_BRANCH = re.compile(r"No Branch \[(?P<branch>[^\]]*)\] found|branch.{0,60}(?:not found|does not exist)", re.IGNORECASE)
_REPOSITORY = re.compile(
    r"repository.{0,80}(?:not found|does not exist|could not be found)|no repository.{0,40}found|"
    r"FullRepositoryName.{0,60}(?:not|invalid)",
    re.IGNORECASE,
)


def _configuration(subject: Subject) -> Mapping[str, str]:
    return subject.action.configuration


# --- the connection


async def _gather_connection(subject: Subject, evidence: Evidence) -> Facts:
    connection = connection_arn(_configuration(subject))
    arn = Arn.parse(connection)
    if arn is None:
        return {}
    service = _NEW if arn.service == _NEW else _LEGACY
    region = "" if arn.region == subject.ref.place.region else arn.region
    params = {"ConnectionArn": connection}
    facts = {
        "connection": await evidence.read(service, "GetConnection", params, region=region, role_arn=through(subject))
    }
    host = facts["connection"].get("Connection", "HostArn", default="")
    if host:
        facts["host"] = await evidence.read(
            service, "GetHost", {"HostArn": host}, region=region, role_arn=through(subject)
        )
    return facts


def _misplaced(subject: Subject, arn: Arn) -> str:
    """What is odd about where the connection lies; empty for nothing. (Connections may lie in another region.)"""
    if arn.service not in (_LEGACY, _NEW):
        return f"{arn} is no connection's ARN"
    if arn.account != subject.identity.account and not subject.action.role_arn:
        return f"the connection belongs to account {arn.account}, the pipeline to {subject.identity.account}"
    return ""


def _judge_connection(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    connection = connection_arn(_configuration(subject))
    arn = Arn.parse(connection)
    if arn is None:
        return failed(f"The action names no connection: ConnectionArn is {connection!r}.")
    fact, host = facts["connection"], facts.get("host")
    if fact.outcome is Outcome.NO_DATA:
        return _gone(subject, fact, connection)
    if cannot := unseen(fact):
        return cannot
    found: _Map = fact.get("Connection", default={})
    name, provider = found.get("ConnectionName", arn.name), found.get("ProviderType", "the provider")
    status = found.get("ConnectionStatus", "")
    host_status = host.get("Status", default="") if host and host.ok else ""
    if host_status and host_status != "AVAILABLE":
        return _not_ready(
            subject, [fact, *([host] if host else [])], f"Host of connection {name}", host_status, provider
        )
    if not status:
        return unknown(f"AWS does not say in which state connection {name} is.", fact)
    if status != "AVAILABLE":
        return _not_ready(subject, [fact], f"Connection {name}", status, provider)
    if odd := _misplaced(subject, arn):
        return unknown(f"Connection {name} to {provider} is AVAILABLE, but {odd}.", fact)
    where = "" if arn.region == subject.region else f" (it lies in {arn.region}, the action in {subject.region})"
    return passed(f"Connection {name} to {provider} is AVAILABLE{where}.", *facts.values())


def _gone(subject: Subject, fact: Fact, connection: str) -> Answer:
    title = f"The connection {connection} does not exist"
    fix = manual(
        "connection.replace",
        "Point the action at a connection that exists",
        [
            "List the connections and choose the one for this provider, or create one and complete it in the console.",
            f"Set ConnectionArn of action {subject.action.name} to it (Edit the pipeline, or change its template).",
        ],
        commands=[command(subject, _NEW, "ListConnections")],
    )
    more = f": action {subject.action.name} reads its repository through a connection that AWS no longer knows."
    said = title, more, "the connection in a list of connections of that region and account"
    return gone(subject, _ID, "source.connection-denied", said, fact, fix)


def _available(connection: str, service: str, region: str) -> Check:
    """What holds once a person has completed the connection at its provider."""
    read = Call(service, "GetConnection", {"ConnectionArn": connection}, region)
    return Check(
        "The connection is AVAILABLE",
        (read,),
        lambda facts: bool(facts[0].get("Connection", "ConnectionStatus") == "AVAILABLE"),
        deadline_s=3600.0,
        interval_s=5.0,
    )


def _not_ready(subject: Subject, cited: Sequence[Fact], what: str, status: str, provider: str) -> Answer:
    connection = connection_arn(_configuration(subject))
    arn = Arn.parse(connection)
    region = arn.region if arn else subject.region
    url = connection_url(connection, region, subject.identity.partition)
    title = f"{what} is {status}, not AVAILABLE"
    todo = (
        f"Open the connection in the console and choose Update pending connection; sign in to {provider} and grant "
        "access to the repositories."
        if "PENDING" in status
        else f"The connection is broken ({status}): open it in the console and renew its access at {provider}."
    )
    fix = manual(
        "connection.complete",
        f"Complete the connection at {provider}",
        [todo, "This step needs a person with rights at the provider; no API call can do it.", retry_hint(subject)],
        commands=[
            command(subject, arn.service if arn else _NEW, "GetConnection", ConnectionArn=connection).replace(
                f"--region {subject.region}", f"--region {region}"
            )
        ],
        url=url,
        wait=_available(connection, arn.service if arn else _NEW, region),
    )
    one = finding(
        subject,
        _ID,
        "source.connection-pending",
        0.98,
        title,
        f"{title}: CodePipeline cannot read from {provider} through it until a person completes it in the console.",
        cited,
        fixes=[fix],
        disproved_by="GetConnection that says AVAILABLE",
        proven=True,
    )
    return failed(f"{title}.", *cited, findings=[one])


_CONNECTION = Step(
    id="connection",
    question="Does the connection exist, and is it available?",
    why="A connection made by a template or a script stays PENDING until a person completes it in the console.",
    reads=(
        f"{_LEGACY}:GetConnection",
        f"{_NEW}:GetConnection",
        f"{_LEGACY}:GetHost",
        f"{_NEW}:GetHost",
    ),
    gather=_gather_connection,
    judge=_judge_connection,
)


# --- the role's right to use it


def _use_needs(connection: str) -> tuple[Need, Need]:
    own = _NEW if f":{_NEW}:" in connection else _LEGACY
    other = _LEGACY if own == _NEW else _NEW
    why, cause = "to read the repository", "source.connection-denied"
    return Need(f"{own}:UseConnection", connection, why, cause), Need(f"{other}:UseConnection", connection, why, cause)


async def _simulated(subject: Subject, evidence: Evidence, role: str, connection: str) -> dict[str, Fact]:
    needs = _use_needs(connection)
    facts = await simulate(subject, evidence, role, needs)
    refused = refused_needs(facts, needs, role)
    if any(each.need == needs[0] for each in refused):
        facts |= await read_inline(subject, evidence, role)
    return facts


async def _gather_use(subject: Subject, evidence: Evidence) -> Facts:
    connection = connection_arn(_configuration(subject))
    if not connection:
        return {}
    return await _simulated(subject, evidence, subject.role_arn, connection)


def _judge_use(subject: Subject, facts: Facts) -> Answer:
    connection = connection_arn(_configuration(subject))
    answer = _use_answer(subject, facts, subject.role_arn, connection, "CodePipeline reads the repository with it.")
    said = subject.action_state.error_message
    if answer.findings or not failing(subject) or not (speaks_of_access(said) and "connection" in said.lower()):
        return answer
    who = label(subject.role_arn)
    fix = manual(
        "connection.use",
        f"Let {who} use the connection",
        [
            f"Allow codeconnections:UseConnection (and codestar-connections:UseConnection) on {connection} for {who}.",
            retry_hint(subject),
        ],
    )
    one = finding(
        subject,
        _ID,
        "source.connection-denied",
        0.88,
        f"The connection was refused to {who}",
        f"{said.strip()} {answer.detail}",
        [fact for name, fact in facts.items() if name.startswith("sim:")],
        fixes=[fix],
        disproved_by="a role that may use the connection, and a connection of this account",
    )
    return replace(answer, findings=(one,), lines=(*answer.lines, (0, said.strip())))


def _use_answer(subject: Subject, facts: Facts, role: str, connection: str, why: str) -> Answer:
    simulated = [fact for name, fact in facts.items() if name.startswith("sim:")]
    if not connection or not simulated:
        return not_applicable("There is no role or no connection to check.")
    if cannot := unseen(*simulated):
        return cannot
    own, other = _use_needs(connection)
    refused = {each.need: each for each in refused_needs(facts, (own, other), role)}
    if own not in refused:
        return passed(f"{label(role)[:1].upper()}{label(role)[1:]} may {own.action} this connection.", *simulated)
    lack = refused[own]
    if not lack.sure:
        return unknown(f"{own.action} hangs on {', '.join(lack.decision.missing)}.", *simulated)
    said = subject.action_state.error_message
    spoken = "useconnection" in said.lower() or "connection" in said.lower()
    if healthy(subject) or (other not in refused and not spoken):
        note = f"{other.action} is allowed" if other not in refused else "the action works all the same"
        return unknown(f"{label(role)} lacks {own.action}, but {note}. {CAVEAT}", *simulated)
    actions, resources = [own.action], [connection]
    title = f"{label(role)[:1].upper()}{label(role)[1:]} may not {own.action} the connection"
    one = finding(
        subject,
        _ID,
        "permission.explicit-deny" if lack.decision.verdict == "explicitDeny" else own.cause,
        0.96 if spoken else 0.6,
        title,
        f"{why} {lack.decision.why[:1].upper()}{lack.decision.why[1:]}.",
        simulated,
        fixes=[allow_fix(subject, role, actions, resources, facts)],
        disproved_by=f"a simulation of {own.action} on the connection for {role_name(role)} that says allowed",
        proven=spoken,
    )
    return failed(f"{title}: {lack.decision.why}.", *simulated, findings=[one])


_USE = Step(
    id="use",
    question="May the role use the connection, under the name that its ARN carries?",
    why="UseConnection was renamed with the service: a role that allows codestar-connections may lack codeconnections.",
    reads=GRANT_READS,
    gather=_gather_use,
    judge=_judge_use,
)


# --- repository, branch


def _judge_repository(subject: Subject, facts: Facts) -> Answer:
    del facts
    config = _configuration(subject)
    repository, branch = config.get("FullRepositoryId", ""), config.get("BranchName", "")
    said = f"{subject.action_state.error_message}\n{subject.action_state.summary}"
    if "/" not in repository.strip("/") or repository.startswith("http") or repository.endswith(".git"):
        title = f"FullRepositoryId is {repository!r}, and must read owner/repository"
        steps = ["Write it as owner/repository (GitLab: group/…/project), without host and without .git."]
        fix = manual("source.repository-id", "Correct FullRepositoryId", steps)
        one = finding(
            subject,
            _ID,
            "source.repository-not-found",
            0.9,
            title,
            f"{title}.",
            fixes=[fix],
            proven=not healthy(subject),
        )
        return failed(f"{title}.", findings=[one] if failing(subject) else [])
    for pattern, cause, what in (
        (_BRANCH, "source.branch-not-found", f"branch {branch} of {repository}"),
        (_REPOSITORY, "source.repository-not-found", f"repository {repository}"),
    ):
        if not healthy(subject) and pattern.search(said):
            title = f"The provider does not show {what} to this connection"
            text = f"{said.strip()} It was renamed or deleted, or the connection's app may not see that repository."
            fix = manual(
                f"source.{cause.partition('.')[2]}",
                f"Name a {what.split()[0]} that exists, or give the connection's app access",
                [
                    f"Look at the provider whether {what} exists, exactly so spelled.",
                    "If it does: open the app's installation at the provider and give it access to this repository.",
                    f"Else correct BranchName or FullRepositoryId of action {subject.action.name}.",
                ],
                url=connection_url(connection_arn(config), subject.region, subject.identity.partition),
            )
            one = finding(subject, _ID, cause, 0.9, title, text, fixes=[fix], proven=True)
            return failed(f"{title}.", findings=[one], lines=[(0, said.strip())])
    return passed(f"{repository}, branch {branch or '?'}: well-formed, and no message says that it is missing.")


_REPOSITORY_STEP = Step(
    id="repository",
    question="Is the repository's name well-formed, and is the branch there?",
    why="A renamed or deleted branch fails every run; the connection's app sees only the repositories it was given.",
    reads=(),
    gather=nothing,
    judge=_judge_repository,
)


# --- full clone


def _clones(subject: Subject) -> bool:
    return _configuration(subject).get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF"


def _cloning_projects(subject: Subject) -> list[str]:
    """Projects whose build takes this source's artifact."""
    actions = (action for stage in subject.definition.stages for action in stage.actions)
    made = set(subject.action.outputs)
    projects = (
        action.configuration.get("ProjectName", "")
        for action in actions
        if action.provider == "CodeBuild" and made & set(action.inputs)
    )
    return [each for each in dict.fromkeys(projects) if each]


async def _gather_clone(subject: Subject, evidence: Evidence) -> Facts:
    names, connection = _cloning_projects(subject), connection_arn(_configuration(subject))
    if not _clones(subject) or not names or not connection:
        return {}
    projects = await evidence.read("codebuild", "BatchGetProjects", {"names": names})
    role = projects.get("projects", 0, "serviceRole", default="")
    return {"projects": projects, **(await _simulated(subject, evidence, role, connection) if role else {})}


def _judge_clone(subject: Subject, facts: Facts) -> Answer:
    if not _clones(subject):
        return not_applicable("The source hands over an archive, not a clone.")
    projects = facts.get("projects")
    if projects is None:
        return unknown("No CodeBuild action takes this source's artifact.")
    if cannot := unseen(projects):
        return cannot
    role = projects.get("projects", 0, "serviceRole", default="")
    why = "With a full clone the build itself reads the repository, with its own role."
    return _use_answer(subject, facts, role, connection_arn(_configuration(subject)), why)


_CLONE = Step(
    id="clone",
    question="With a full clone: may the build's role use the connection too?",
    why="A full clone hands the build a reference; the build clones with its own role, which needs UseConnection.",
    reads=("codebuild:BatchGetProjects", *GRANT_READS),
    gather=_gather_clone,
    judge=_judge_clone,
)


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.provider == "CodeStarSourceConnection" else 0.0


PLAYBOOK = Playbook(
    id=_ID,
    title="Source through CodeConnections",
    summary="Checks the connection and its host, the right to use it, repository and branch, triggers and full clone.",
    steps=(message_step(_ID), _CONNECTION, _USE, _REPOSITORY_STEP, START, _CLONE),
    applies=_applies,
    causes=(
        "permission.explicit-deny",
        "source.branch-not-found",
        "source.connection-denied",
        "source.connection-pending",
        "source.repository-not-found",
        "source.webhook-failed",
    ),
)
