"""Sources in GitHub by the old OAuth action (version 1), and other sources with a webhook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.console import pipeline_url
from core.fact import Evidence
from core.finding import Answer
from core.playbook import Facts, Playbook, Step, Subject

from ._answers import blank, failed, finding, not_applicable, passed, unknown, unseen
from ._ask import nothing
from ._fixes import command, manual, retry_hint
from ._state import EXECUTIONS, read_executions
from ._text import message_step
from ._webhooks import WEBHOOK_READS, Webhook, read_webhooks, webhooks_of

__all__ = ["PLAYBOOK"]

_ID = "source-github"
_TOKEN = re.compile(
    r"access token.{0,60}(?:invalid|revoked|expired)|Bad credentials|reconnect with GitHub|401|Requires authentication|"
    r"Could not access the GitHub repository|token.{0,40}scope|SAML enforcement",
    re.IGNORECASE,
)
_BRANCH = re.compile(r"branch.{0,60}(?:not found|does not exist|could not be found)", re.IGNORECASE)
_Map = Mapping[str, Any]


def _name(subject: Subject) -> str:
    config = subject.action.configuration
    return f"{config.get('Owner', '?')}/{config.get('Repo', '?')}"


def _polls(subject: Subject) -> bool:
    return subject.action.configuration.get("PollForSourceChanges", "true").lower() != "false"


# --- the token


def _judge_token(subject: Subject, facts: Facts) -> Answer:
    del facts
    said = subject.action_state.error_message
    if subject.action_state.status != "Failed":
        return passed("GitHub accepted the token in the last run.")
    if _BRANCH.search(said):
        branch = subject.action.configuration.get("Branch", "?")
        title = f"Branch {branch} of {_name(subject)} is not there"
        fix = manual(
            "github.branch",
            "Name a branch that exists",
            [f"Correct Branch of action {subject.action.name}, or push the branch again.", retry_hint(subject)],
        )
        one = finding(
            subject, _ID, "source.branch-not-found", 0.93, title, f"{title}: {said}", fixes=[fix], proven=True
        )
        return failed(f"{title}.", findings=[one], lines=[(0, said)])
    if not _TOKEN.search(said):
        return unknown("The message speaks neither of the token nor of a branch.", lines=[(0, said)] if said else [])
    title = f"GitHub refused the OAuth token for {_name(subject)}"
    steps = [
        "Edit the pipeline's source action and connect to GitHub again.",
        "A personal token needs the scopes repo and admin:repo_hook, and the approval of the organization's SSO.",
        "Better: move to a connection (GitHub version 2, CodeConnections), which needs no token of a person.",
        retry_hint(subject),
    ]
    url = pipeline_url(subject.ref.name, subject.ref.place.region, subject.identity.partition)
    fix = manual("github.reconnect", "Connect to GitHub again", steps, url=url)
    one = finding(
        subject,
        _ID,
        "source.token-invalid",
        0.93,
        title,
        f"{said} The version 1 action works with one person's token; it ends when that person leaves, rotates or "
        "revokes it.",
        fixes=[fix],
        disproved_by="a read of the repository with the same token that succeeds",
        proven=True,
    )
    return failed(f"{title}.", findings=[one], lines=[(0, said)])


_TOKEN_STEP = Step(
    id="token",
    question="Does GitHub still accept the token, and is the branch there?",
    why="The version 1 action uses one person's token; it expires, is revoked or loses the organization's approval.",
    reads=(),
    gather=nothing,
    judge=_judge_token,
)


# --- the webhook


async def _gather_webhook(subject: Subject, evidence: Evidence) -> Facts:
    hooks = await read_webhooks(evidence)
    return {**hooks, "executions": await read_executions(subject, evidence)}


def _judge_webhook(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["webhooks"]) or blank(facts["webhooks"], "webhooks", listing=True):
        return cannot
    mine = [each for each in webhooks_of(subject, facts) if each.action == subject.action.name]
    cited = [facts["webhooks"], facts["executions"]]
    lines = [(facts["webhooks"].n, each.said(subject.now)) for each in mine]
    if not mine:
        if _polls(subject):
            return passed("There is no webhook; CodePipeline polls GitHub.", *cited)
        return _no_webhook(subject, facts)
    hook = mine[0]
    if hook.error:
        return _broken(subject, facts, hook)
    branch = subject.action.configuration.get("Branch", "")
    if hook.branch and branch and hook.branch != branch:
        return _filtered(subject, facts, hook, branch)
    return passed(hook.said(subject.now), *cited, lines=lines)


def _started_by_hook(facts: Facts) -> bool:
    runs = facts["executions"].get("pipelineExecutionSummaries", default=())
    return any((run.get("trigger") or {}).get("triggerType") == "Webhook" for run in runs)


def _no_webhook(subject: Subject, facts: Facts) -> Answer:
    title = f"No webhook starts {subject.ref.name}, and polling is off"
    before = _started_by_hook(facts)
    fix = manual(
        "github.webhook",
        "Make the webhook anew, or move to a connection",
        [
            "Save the source action again in the console: that makes and registers the webhook.",
            "Better: move to a connection (GitHub version 2).",
        ],
        commands=[command(subject, "codepipeline", "ListWebhooks")],
    )
    one = finding(
        subject,
        _ID,
        "source.webhook-failed",
        0.92 if before else 0.6,
        title,
        f"PollForSourceChanges is false and no webhook targets {subject.action.name}: pushes start nothing.",
        [facts["webhooks"], facts["executions"]],
        fixes=[fix],
        disproved_by="a webhook of this pipeline in the list",
        proven=before,
    )
    return failed(f"{title}.", facts["webhooks"], findings=[one])


def _broken(subject: Subject, facts: Facts, hook: Webhook) -> Answer:
    title = f"Webhook {hook.name} fails: {hook.error}"
    fix = manual(
        "github.webhook-register",
        "Register the webhook again",
        [
            "Register it again; it needs a token with the scope admin:repo_hook.",
            "Look at GitHub (Settings, Webhooks, Recent Deliveries) what GitHub got for an answer.",
        ],
        commands=[command(subject, "codepipeline", "RegisterWebhookWithThirdParty", webhookName=hook.name)],
    )
    one = finding(
        subject,
        _ID,
        "source.webhook-failed",
        0.94,
        title,
        f"{hook.said(subject.now)} A push that does not get through starts nothing.",
        [facts["webhooks"]],
        fixes=[fix],
        disproved_by="a later delivery without an error",
        proven=subject.action_state.status != "Failed",
    )
    return failed(f"{title}.", facts["webhooks"], findings=[one])


def _filtered(subject: Subject, facts: Facts, hook: Webhook, branch: str) -> Answer:
    title = f"Webhook {hook.name} lets only pushes to {hook.branch} through; the action takes {branch}"
    fix = manual(
        "github.webhook-filter",
        "Let the webhook's filter name the action's branch",
        [f"Put the webhook again with the filter $.ref = refs/heads/{{Branch}} (it takes {branch} from the action)."],
        commands=[command(subject, "codepipeline", "ListWebhooks")],
    )
    one = finding(
        subject,
        _ID,
        "source.webhook-failed",
        0.9,
        title,
        f"Pushes to {branch} never match the webhook's filter, so they start nothing.",
        [facts["webhooks"]],
        fixes=[fix],
        disproved_by="an execution that a push to that branch started",
        proven=subject.action_state.status != "Failed",
    )
    return failed(f"{title}.", facts["webhooks"], findings=[one])


_WEBHOOK = Step(
    id="webhook",
    question="Is the webhook registered, does it work, and does its filter let pushes through?",
    why="A webhook that GitHub cannot deliver, or with a filter for another branch, starts nothing and shows nothing.",
    reads=(*WEBHOOK_READS, EXECUTIONS),
    gather=_gather_webhook,
    judge=_judge_webhook,
)


# --- both at once, and the way on


def _judge_both(subject: Subject, facts: Facts) -> Answer:
    if cannot := unseen(facts["webhooks"]):
        return cannot
    mine = [each for each in webhooks_of(subject, facts) if each.action == subject.action.name]
    if mine and _polls(subject):
        return unknown("It polls and has a webhook: one push may start it twice.", facts["webhooks"])
    return passed("It has one way to learn of a push.", facts["webhooks"])


_BOTH = Step(
    id="both",
    question="Is there just one way to learn of a push?",
    why="Polling and a webhook together start the pipeline twice for one push.",
    reads=(*WEBHOOK_READS, EXECUTIONS),
    gather=_gather_webhook,
    judge=_judge_both,
)


def _judge_version(subject: Subject, facts: Facts) -> Answer:
    del facts
    if subject.action.provider != "GitHub":
        return not_applicable("The action is no version 1 GitHub source.")
    steps = (
        "This is GitHub version 1 (OAuth), which AWS advises against. The way on: create a connection, replace the "
        "action by provider CodeStarSourceConnection with the same output artifact, then delete the webhook."
    )
    return unknown(steps, lines=[(0, command(subject, "codestar-connections", "ListConnections"))])


_VERSION = Step(
    id="version",
    question="Is there a safer way to reach this repository?",
    why="A connection belongs to the account and not to a person, and needs no webhook or token to be looked after.",
    reads=(),
    gather=nothing,
    judge=_judge_version,
)


def _applies(subject: Subject) -> float:
    return 1.0 if subject.action.provider == "GitHub" else 0.0


PLAYBOOK = Playbook(
    id=_ID,
    title="Source in GitHub, version 1",
    summary="Checks token, branch, webhook and polling of the old GitHub action, and shows the way to a connection.",
    steps=(message_step(_ID), _TOKEN_STEP, _WEBHOOK, _BOTH, _VERSION),
    applies=_applies,
    causes=("source.branch-not-found", "source.token-invalid", "source.webhook-failed"),
)
