"""The artifacts of an execution as table rows. Pure."""

from __future__ import annotations

from rich.text import Text

from core.age import age
from core.artifact_flow import ArtifactFlow
from core.fact import Fact, Outcome
from core.text import sanitize
from widgets.keyed_table import Column, Row
from widgets.status import Tone, status_text

__all__ = ["ARTIFACT_COLUMNS", "artifact_row", "human_bytes"]

ARTIFACT_COLUMNS = (
    Column("state", "STATE", 11),
    Column("name", "ARTIFACT", 18),
    Column("maker", "MADE BY", 16, flexible=True),
    Column("takers", "TAKEN BY", 16, flexible=True, drop=2),
    Column("size", "SIZE", 9, "right"),
    Column("written", "WRITTEN", 9, "right", drop=1),
    Column("encryption", "ENCRYPTION", 16, drop=3),
)
_STEP = 1024.0
_ENCRYPTIONS = {"AES256": "S3 key", "aws:kms": "KMS key", "aws:kms:dsse": "KMS key, twice"}
_STATES = {
    Outcome.OK: (Tone.OK, "stored"),
    Outcome.NO_DATA: (Tone.FAILED, "gone"),
    Outcome.DENIED: (Tone.DENIED, "not allowed"),
    Outcome.ERROR: (Tone.UNKNOWN, "unread"),
    Outcome.TRUNCATED: (Tone.OK, "stored"),
}


def artifact_row(flow: ArtifactFlow, head: Fact | None, now: float) -> Row:
    """One artifact; `head` is what S3 says of its object (HeadObject), none while that is unknown."""
    kept = head.value if head is not None and head.ok else {}
    written = kept.get("LastModified")
    cells = (
        _state(flow, head),
        sanitize(flow.name),
        sanitize(flow.made_by) or "nobody",
        sanitize(", ".join(flow.used_by)) or "nobody",
        human_bytes(kept["ContentLength"]) if "ContentLength" in kept else "",
        f"{age(float(written), now)} ago" if written else "",
        _encryption(kept),
    )
    return Row(flow.name, cells)


def _state(flow: ArtifactFlow, head: Fact | None) -> Text:
    if not flow.bucket:
        return status_text(Tone.IDLE, "not made")
    if head is None:
        return status_text(Tone.RUNNING, "asking")
    tone, word = _STATES[head.outcome]
    return status_text(tone, word)


def _encryption(kept: dict[str, object]) -> str:
    kind = str(kept.get("ServerSideEncryption", ""))
    key = sanitize(str(kept.get("SSEKMSKeyId", ""))).rsplit("/", 1)[-1][:8]
    return " ".join(filter(None, (_ENCRYPTIONS.get(kind, sanitize(kind)), key)))


def human_bytes(count: float) -> str:
    """Return a size in binary units: ``512 B``, ``1.5 MiB``."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < _STEP:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= _STEP
    return f"{size:.1f} TiB"
