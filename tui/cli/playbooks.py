"""`pipemedic playbooks`: the built-in playbooks and the team's own: list, show, check. Asks AWS nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from core.errors import UsageError
from core.playbook import Playbook
from core.text import sanitize
from tui.cli.as_json import print_json
from tui.exit_codes import ExitCode
from tui.output import Cell, Column, indented, table, terminal_width
from tui.team.document import Mistake
from tui.team.load import Loaded, Read, built_in, folder, load, read_file

__all__ = ["command"]

_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)


@click.group("playbooks")
def command() -> None:
    """List, show or check playbooks: the built-in ones, and your team's (docs/team-playbooks.md)."""


@command.command("list")
@_FORMAT
def list_(form: str) -> None:
    """List all playbooks. Files that cannot be used are named on standard error."""
    found = load()
    rows = [(book, None) for book in built_in()] + [(each.playbook, each.file) for each in found.reads if each.playbook]
    if form == "json":
        books = [_object(book, file) for book, file in rows]
        print_json({"schema": 1, "folder": str(folder()), "playbooks": books, "mistakes": _mistakes(found.mistakes)})
        return
    columns = (Column("ID"), Column("FROM"), Column("STEPS", right=True), Column("TITLE", least=12))
    cells = [
        [Cell(book.id), Cell(file.name if file else "built-in"), Cell(str(len(book.steps))), Cell(book.title)]
        for book, file in rows
    ]
    for line in table(columns, cells, terminal_width()):
        click.echo(line)
    _warn(found)


@command.command("show")
@click.argument("playbook_id", metavar="ID")
@_FORMAT
def show(playbook_id: str, form: str) -> None:
    """Show one playbook: its questions, why they are asked, and what they read."""
    found = load()
    known = {book.id: (book, None) for book in built_in()} | {
        each.playbook.id: (each.playbook, each.file) for each in found.reads if each.playbook
    }
    if playbook_id not in known:
        _warn(found)
        raise UsageError(f"There is no playbook {sanitize(playbook_id)}. `pipemedic playbooks list` names all.")
    book, file = known[playbook_id]
    if form == "json":
        print_json({**_object(book, file), "questions": [_question(book, n) for n in range(len(book.steps))]})
        return
    for line in _page(book, file):
        click.echo(sanitize(line))


@command.command("check")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@_FORMAT
@click.pass_context
def check(ctx: click.Context, file: Path | None, form: str) -> None:
    """Check a file (all of the team's folder unless one is named): each mistake with line and column.

    Calls are held against AWS's own service models. Exit code 1 if there are mistakes.
    """
    from tui.team.calls import faults_of_calls  # noqa: PLC0415 (loads service models)

    if file is not None and not file.exists():
        raise UsageError(f"There is no file {sanitize(str(file))}.")
    found = load() if file is None else _of_one(read_file(file))
    mistakes = list(found.mistakes)
    for each in found.reads:
        mistakes += faults_of_calls(each)
    mistakes.sort()
    if form == "json":
        files = [str(each.file) for each in found.reads if each.playbook]
        print_json({"schema": 1, "usable": files, "mistakes": _mistakes(mistakes)})
    else:
        for mistake in mistakes:
            click.echo(sanitize(str(mistake)))
        if not mistakes:
            click.echo(sanitize(_all_fine(found, file)))
    ctx.exit(ExitCode.FINDING if mistakes else ExitCode.FINE)


def _of_one(read: Read) -> Loaded:
    return Loaded((read,), read.mistakes)


def _all_fine(found: Loaded, file: Path | None) -> str:
    if file is not None:
        return f"{file}: fine"
    count = len(found.reads)
    return f"{folder()}: {count} playbooks, all fine" if count else f"There are no team playbooks in {folder()}."


def _warn(found: Loaded) -> None:
    for each in found.mistakes:
        click.echo(sanitize(str(each)), err=True)


def _mistakes(found: Iterable[Mistake]) -> list[dict[str, Any]]:
    return [{"file": each.file, "line": each.line, "column": each.column, "message": each.message} for each in found]


def _object(book: Playbook, file: Path | None) -> dict[str, Any]:
    return {
        "id": book.id,
        "title": book.title,
        "summary": book.summary,
        "origin": "team" if file else "built-in",
        "file": str(file) if file else None,
        "steps": len(book.steps),
        "causes": list(book.causes),
    }


def _question(book: Playbook, number: int) -> dict[str, Any]:
    step = book.steps[number]
    return {
        "id": step.id,
        "question": step.question,
        "why": step.why,
        "reads": list(step.reads),
        "after": list(step.after),
    }


def _page(book: Playbook, file: Path | None) -> Iterable[str]:
    width = terminal_width()
    yield f"{book.id} · {book.title} ({file or 'built-in'})"
    yield from indented(book.summary, 0, width)
    for number, step in enumerate(book.steps, 1):
        yield ""
        yield from indented(step.question, 4, width, first=f"{number:>2}  ")
        yield from indented(f"Why: {step.why}", 4, width)
        yield from indented(f"Reads: {', '.join(step.reads) or 'nothing'}", 4, width)
        if step.after:
            yield from indented(f"After: {', '.join(step.after)}", 4, width)
    if book.causes:
        yield ""
        yield from indented(f"Can name: {', '.join(book.causes)}", 0, width)
