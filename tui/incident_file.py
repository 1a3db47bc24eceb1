"""Diagnoses of broken executions, kept on disk for the report that is written after the recovery.

What a check proved while it was red cannot be proved again once it is put right. One file an execution in the state
folder, for the user alone; no values that were read, secrets masked; the newest ones stay.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.commands import aws_command
from core.diagnosis import Checked, Diagnosis
from core.fact import Evidence, Fact, Outcome
from core.finding import Answer, Finding, Fix, Verdict
from core.plan import Risk
from core.playbook import Facts, Step, Subject
from core.redact import mask_secrets
from tui.paths import state_dir

__all__ = ["recall_diagnosis", "remember_diagnosis"]

_VERSION = 1
_MOST = 200
_BROKEN = frozenset({"failed", "stuck"})


def _path(subject: Subject, execution_id: str) -> Path:
    place = subject.ref.place
    name = f"{subject.identity.account}|{place.region}|{subject.ref.name}|{execution_id}"
    return state_dir() / "incidents" / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"


def remember_diagnosis(diagnosis: Diagnosis) -> None:
    """Keep a diagnosis of a broken execution, unless a surer one is kept already. Waits for the disk.

    A folder that cannot be written to costs the report its memory and no more.
    """
    execution = diagnosis.subject.execution
    if execution is None or not execution.id or not diagnosis.findings or diagnosis.status not in _BROKEN:
        return
    path = _path(diagnosis.subject, execution.id)
    first = diagnosis.findings[0]
    kept = _read(path)
    of_this = kept is not None and kept.get("at", 0.0) >= (execution.started_at or 0.0)
    if kept and of_this and _sureness(kept.get("findings")) > (first.proven, first.confidence):
        return
    with contextlib.suppress(OSError):
        _write(path, _packed(diagnosis))


def recall_diagnosis(subject: Subject, execution_id: str, since: float) -> Diagnosis | None:
    """Return the diagnosis that was kept of an execution, on its subject; None where there is none. Waits for the disk.

    Args:
        subject: the run that failed.
        execution_id: the execution.
        since: when the execution began (epoch seconds): an older record belongs to another of the same id.
    """
    kept = _read(_path(subject, execution_id))
    if kept is None or kept.get("at", 0.0) < since:
        return None
    try:
        return _unpacked(kept, subject)
    except (KeyError, TypeError, ValueError):
        return None


def _sureness(findings: Any) -> tuple[bool, float]:
    first = findings[0] if isinstance(findings, list) and findings and isinstance(findings[0], Mapping) else {}
    return bool(first.get("proven")), float(first.get("confidence") or 0.0)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("v") == _VERSION else None


def _write(path: Path, record: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(record, out, ensure_ascii=True, separators=(",", ":"))
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
    files = sorted(path.parent.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in files[_MOST:]:
        old.unlink(missing_ok=True)


def _packed(diagnosis: Diagnosis) -> dict[str, Any]:
    from aws.journal import redacted  # noqa: PLC0415
    from aws.jsonable import jsonable  # noqa: PLC0415 (the room that talks to AWS)

    cited = {n for each in diagnosis.checks for n in each.answer.facts}
    cited |= {n for each in diagnosis.findings for n in each.facts}
    record = {
        "v": _VERSION,
        "at": diagnosis.subject.now,
        "status": diagnosis.status,
        "api_calls": diagnosis.api_calls,
        "took_s": diagnosis.took_s,
        "findings": [_finding(each, diagnosis) for each in diagnosis.findings],
        "checks": [_check(each) for each in diagnosis.checks],
        "facts": [_fact(each) for each in diagnosis.facts if each.n in cited],
    }
    return dict(_masked(redacted(jsonable(record))))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_secrets(value)
    if isinstance(value, Mapping):
        return {name: _masked(each) for name, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list | tuple) else value


def _finding(found: Finding, diagnosis: Diagnosis) -> dict[str, Any]:
    place = diagnosis.subject.ref.place
    fixes = []
    for fix in found.fixes:
        own = [aws_command(fix.plan.call, region=place.region, profile=place.profile)] if fix.plan else []
        fixes.append(
            {
                "id": fix.id,
                "title": fix.title,
                "risk": fix.risk.value,
                "steps": list(fix.steps),
                "commands": [*own, *fix.commands],
                "console_url": fix.console_url,
            }
        )
    plain = {name: getattr(found, name) for name in _FINDING}
    return {**plain, "facts": list(found.facts), "fixes": fixes}


_FINDING = ("cause", "confidence", "title", "summary", "stage", "action", "disproved_by", "playbook", "proven")
_FACT = ("n", "service", "operation", "region", "code", "error", "action", "read_at", "took_s")


def _check(each: Checked) -> dict[str, Any]:
    answer = each.answer
    return {
        "playbook": each.playbook,
        "id": each.step.id,
        "question": each.step.question,
        "why": each.step.why,
        "verdict": answer.verdict.value,
        "detail": answer.detail,
        "facts": list(answer.facts),
        "lines": [list(line) for line in answer.lines],
        "found": bool(answer.findings),
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {**{name: getattr(fact, name) for name in _FACT}, "params": dict(fact.params), "outcome": fact.outcome.value}


def _unpacked(kept: Mapping[str, Any], subject: Subject) -> Diagnosis:
    findings = tuple(
        Finding(
            **{name: each[name] for name in _FINDING},
            facts=tuple(each["facts"]),
            fixes=tuple(
                Fix(
                    id=one["id"],
                    title=one["title"],
                    risk=Risk(one["risk"]),
                    steps=tuple(one["steps"]),
                    commands=tuple(one["commands"]),
                    console_url=one["console_url"],
                )
                for one in each["fixes"]
            ),
        )
        for each in kept["findings"]
    )
    return Diagnosis(
        subject=replace(subject, now=float(kept["at"])),
        status=str(kept["status"]),
        findings=findings,
        checks=tuple(_checked(each, findings) for each in kept["checks"]),
        facts=tuple(
            Fact(**{name: each[name] for name in _FACT}, params=each["params"], outcome=Outcome(each["outcome"]))
            for each in kept["facts"]
        ),
        api_calls=int(kept["api_calls"]),
        took_s=float(kept["took_s"]),
    )


def _checked(each: Mapping[str, Any], findings: tuple[Finding, ...]) -> Checked:
    step = Step(each["id"], each["question"], each["why"], (), _not_again, _not_judged)
    lines = tuple((int(n), str(text)) for n, text in each["lines"])
    found = findings[:1] if each["found"] else ()
    answer = Answer(Verdict(each["verdict"]), each["detail"], tuple(each["facts"]), found, lines)
    return Checked(each["playbook"], step, answer)


async def _not_again(subject: Subject, evidence: Evidence) -> Facts:
    """A check out of a record reads nothing."""
    del subject, evidence
    return {}


def _not_judged(subject: Subject, facts: Facts) -> Answer:
    """A check out of a record has its answer."""
    del subject, facts
    return Answer(Verdict.UNKNOWN, "It was answered before.")
