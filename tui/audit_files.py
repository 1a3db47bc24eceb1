"""The audit's own files: accepted findings in the configuration folder, past scores in the state folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.audit.model import Suppression
from core.audit.suppress import Mistake, as_toml, read
from core.errors import UsageError
from core.place import PipelineRef
from tui.audit_run import AuditReport, today
from tui.fleet_memory import keep, recall
from tui.paths import config_dir

__all__ = ["Accepted", "accept", "accepted", "past_scores", "remember", "suppression_path", "trend"]

_NAME = "audit"
_MOST_BYTES = 1_000_000
# Scores kept: so many days of a pipeline, fewer where there are many; pipelines unseen for longer are forgotten.
_MOST_DAYS, _MOST_ENTRIES = 60, 20_000
_HEAD = "# Findings of `pipemedic audit` that are accepted for a time. See docs/audit.md.\n"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the file of suppressions holds."""

    path: Path
    entries: tuple[Suppression, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def suppression_path() -> Path:
    """The file of suppressions: ``PIPEMEDIC_AUDIT``, else ``audit.toml`` in the configuration folder."""
    named = os.environ.get("PIPEMEDIC_AUDIT", "")
    return Path(named).expanduser() if named else config_dir() / "audit.toml"


def accepted(path: Path | None = None) -> Accepted:
    """Read the file of suppressions; none there is none accepted.

    Raises:
        UsageError: it cannot be read at all, or a file that was named is not there.
    """
    at = path or suppression_path()
    if not at.exists():
        if path is not None or os.environ.get("PIPEMEDIC_AUDIT"):
            raise UsageError(f"The file of suppressions {at} is not there.")
        return Accepted(at)
    try:
        if at.stat().st_size > _MOST_BYTES:
            raise UsageError(f"The file of suppressions {at} is larger than {_MOST_BYTES} bytes.")
        text = at.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The file of suppressions {at} cannot be read: {error}") from error
    found = read(text)
    return Accepted(at, found.entries, found.mistakes)


def accept(entry: Suppression, path: Path | None = None) -> Path:
    """Add an entry at the end of the file, which is made if need be; what stands in it stays.

    Raises:
        UsageError: it cannot be written.
    """
    at = path or suppression_path()
    try:
        at.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = at.read_text(encoding="utf-8") if at.exists() else _HEAD
        mode = at.stat().st_mode & 0o777 if at.exists() else 0o600
        handle, draft = tempfile.mkstemp(dir=at.parent, prefix=".audit-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"{text.rstrip()}\n\n{as_toml(entry)}" if text.strip() else as_toml(entry))
            Path(draft).chmod(mode)
            Path(draft).replace(at)
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The file of suppressions {at} cannot be written: {error}") from error
    return at


def _key(report: AuditReport, ref: PipelineRef) -> str:
    return f"{report.account_of(ref)}|{ref.place.region}|{ref.name}"


def _history() -> dict[str, list[tuple[str, int]]]:
    """Scores by pipeline, oldest first, as far as the file is what was written."""
    found = recall(_NAME)
    if not isinstance(found, dict):
        return {}
    rows: dict[str, list[tuple[str, int]]] = {}
    for key, values in found.items():
        if isinstance(values, list):
            kept = [each for each in values if isinstance(each, list) and len(each) == 2 and isinstance(each[1], int)]
            rows[str(key)] = [(str(day), number) for day, number in kept]
    return rows


def past_scores(report: AuditReport) -> Mapping[PipelineRef, tuple[tuple[str, int], ...]]:
    """Return each pipeline's scores of earlier days, with their days, oldest first; those seen first are left out."""
    history, now = _history(), today(report.at)
    found = {}
    for ref in report.scores:
        if earlier := tuple(each for each in history.get(_key(report, ref), ()) if each[0] < now):
            found[ref] = earlier
    return found


def trend(report: AuditReport) -> Mapping[PipelineRef, tuple[str, int]]:
    """Return each pipeline's last score of an earlier day, with that day; those seen first are left out."""
    return {ref: days[-1] for ref, days in past_scores(report).items()}


def remember(report: AuditReport) -> None:
    """Keep the scores of this run, in a file for the user's eyes only; the last run of a day counts for it."""
    history, now = _history(), today(report.at)
    for ref, number in report.scores.items():
        rows = history.setdefault(_key(report, ref), [])
        rows[:] = [each for each in rows if each[0] != now] + [(now, number)]
    most = max(2, min(_MOST_DAYS, _MOST_ENTRIES // max(len(history), 1)))
    oldest = today(report.at - 180 * 86_400)
    keep(_NAME, {key: rows[-most:] for key, rows in history.items() if rows and rows[-1][0] >= oldest})
