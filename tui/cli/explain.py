"""``pipemedic explain``: the root cause of an error text or a log, offline."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import IO, Any

import click

from core.signatures import Explanation, Failure, Hypothesis, LogReader, examine
from core.text import sanitize
from tui.exit_codes import ExitCode
from tui.output import LOOKS, paint, sureness

__all__ = ["command"]

_BLOCK = 1 << 18
_TEXT_MAX = 1300


@click.command(name="explain")
@click.argument("logfile", type=click.Path(exists=True, dir_okay=False, allow_dash=True), required=False)
@click.option("--provider", default="", help="Provider of the failed action (CodeBuild, ECS, CloudFormation, …).")
@click.option("--stage", default="", help="Name or category of the failed stage (Build, Deploy, …).")
@click.option("--message", default="", help="What the service said.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--jsonl", is_flag=True, help="Read JSON objects from stdin, one a line; write one a line.")
@click.option("--limit", type=click.IntRange(1, 20), default=5, show_default=True, help="How many causes at most.")
@click.pass_context
def command(
    ctx: click.Context,
    logfile: str | None,
    provider: str,
    stage: str,
    message: str,
    form: str,
    limit: int,
    *,
    jsonl: bool,
) -> None:
    """Name the root cause of an error text or a log, offline.

    LOGFILE is a build's or deployment's log; "-" reads standard input. Without AWS, without credentials.
    """
    if jsonl:
        found = _each_line(sys.stdin.buffer, limit)
        ctx.exit(ExitCode.FINDING if found else ExitCode.FINE)
    if logfile is None and not message:
        raise click.UsageError("give a LOGFILE, - for standard input, or --message TEXT")
    reader = LogReader(Failure(stage=stage, provider=provider, message=message))
    if logfile is not None:
        with click.open_file(logfile, "rb") as stream:
            for block in _blocks(stream):
                reader.feed(block)
    explanation = reader.explanation(limit=limit)
    if form == "json":
        click.echo(json.dumps(_whole(explanation), indent=2, ensure_ascii=True))
    else:
        click.echo(_text(explanation))
    ctx.exit(ExitCode.FINE if explanation.verdict == "healthy" else ExitCode.FINDING)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block


def _each_line(stream: IO[bytes], limit: int) -> bool:
    """Answer each JSON line as it comes; return whether any had a cause."""
    any_found = False
    for number, raw in enumerate(stream, 1):
        if not raw.strip():
            continue
        try:
            row = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise click.UsageError(f"line {number} of standard input is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise click.UsageError(f"line {number} of standard input is not a JSON object")
        fields = {key: row[key] for key in ("stage", "provider", "message", "log") if row.get(key)}
        if wrong := [key for key, value in fields.items() if not isinstance(value, str)]:
            raise click.UsageError(f"line {number} of standard input: {wrong[0]} is not a string")
        explanation = examine(Failure(**fields), limit=limit)
        any_found = any_found or explanation.verdict != "healthy"
        answer = {"id": row.get("id"), **_causes(explanation)}
        click.echo(json.dumps(answer, ensure_ascii=True))
        sys.stdout.flush()
    return any_found


def _causes(explanation: Explanation) -> dict[str, Any]:
    return {
        "verdict": explanation.verdict,
        "causes": [_cause(item) for item in explanation.hypotheses],
    }


def _whole(explanation: Explanation) -> dict[str, Any]:
    return {
        "schema": 1,
        **_causes(explanation),
        "telling": [{"line": item.line, "text": sanitize(item.text)} for item in explanation.telling],
        "first_error_line": explanation.first_error_line,
        "cause_line": explanation.cause_line,
    }


def _cause(item: Hypothesis) -> dict[str, Any]:
    return {
        "cause": item.cause,
        "confidence": item.confidence,
        "title": item.title,
        "summary": sanitize(item.summary),
        "evidence": [
            {"line": line.line, "text": sanitize(line.text[:_TEXT_MAX]), "is_cause": line.is_cause}
            for line in item.evidence
        ],
        "extracted": {name: sanitize(value) for name, value in item.extracted.items()},
        "next": [sanitize(step) for step in item.next],
        "playbooks": list(item.playbooks),
        "link": item.link,
        "signature": item.signature,
    }


def _text(explanation: Explanation) -> str:
    if explanation.verdict == "healthy":
        return paint("✓ nothing failed here", LOOKS["ok"])
    lines: list[str] = []
    if not explanation.hypotheses:
        lines.append(paint("? unknown failure: no entry of the knowledge base fits", LOOKS["unknown"]))
    for place, item in enumerate(explanation.hypotheses, 1):
        lines += ["", *_block(place, item)] if lines else _block(place, item)
    if explanation.telling:
        lines += ["", "Most telling lines"]
        lines += [f"    {_where(item.line)}  {_short(item.text)}" for item in explanation.telling]
    return "\n".join(lines)


def _block(place: int, item: Hypothesis) -> list[str]:
    look = LOOKS["failed"] if place == 1 else None
    lines = [
        f"{place}. {paint(item.title, look, bold=place == 1)}  {item.cause}  {sureness(item.confidence)}",
        f"   {_short(item.summary)}",
    ]
    lines += [f"   {'◆' if line.is_cause else ' '} {_where(line.line)}  {_short(line.text)}" for line in item.evidence]
    lines += [f"   {name.replace('_', ' ')}: {_short(value)}" for name, value in item.extracted.items()]
    lines += [f"   → {_short(step)}" for step in item.next]
    if item.playbooks:
        lines.append(f"   playbook: {', '.join(item.playbooks)}")
    lines.append(f"   {item.link}")
    return lines


def _where(line: int | None) -> str:
    return "message" if line is None else f"line {line}"


def _short(text: str) -> str:
    return " ".join(sanitize(text[:_TEXT_MAX]).split())
