"""All log streams of the account: told by the engine, held by moto's CloudWatch Logs."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from demo.engine.logbook import LogBook
from demo.moto_bridge import MotoBridge

__all__ = ["LogStore"]

_INGESTION_DELAY_MS = 480


class LogStore:
    """Knows every stream and brings what is due into moto's backend when somebody looks.

    Args:
        moto: the bridge to moto.
        now: the account's clock.
        complete: tells histories not yet told whose builds write into a region's streams.
    """

    def __init__(self, moto: MotoBridge, now: Callable[[], float]) -> None:
        self._moto = moto
        self._now = now
        self._books: dict[tuple[str, str], dict[str, LogBook]] = {}
        self._groups: dict[str, dict[str, int | None]] = {}

    def add_group(self, region: str, group: str, retention_days: int | None = None) -> None:
        """Make a log group known; it is created in moto when the region is first asked for."""
        self._groups.setdefault(region, {})[group] = retention_days

    def register(self, book: LogBook) -> None:
        """Make a stream known."""
        self._books.setdefault((book.region, book.group), {})[book.stream] = book

    def seed(self, region: str) -> None:
        """Create the region's log groups in moto."""
        backend = self._moto.logs(region)
        for name, retention in self._groups.pop(region, {}).items():
            backend.ensure_log_group(name)
            if retention is not None:
                backend.groups[name].retention_in_days = retention

    def publish(self, region: str, group: str, stream: str | None = None) -> None:
        """Bring the events due by now into moto: of one stream, or of all streams of a group."""
        books = self._books.get((region, group), {})
        if not books:
            return
        held = self._moto.logs(region).groups.get(group)
        if held is None:
            return
        chosen = list(books.values()) if stream is None else [book for name, book in books.items() if name == stream]
        for book in chosen:
            _bring(held, book, self._now())

    def prefix_of(self, region: str, group: str) -> bool:
        """Tell whether any stream of a group is known."""
        return (region, group) in self._books


def _bring(group: Any, book: LogBook, now: float) -> None:
    from moto.logs.models import LogEvent  # noqa: PLC0415

    due = book.due(now)
    if not due:
        return
    stream = group.streams.get(book.stream)
    if stream is None:
        group.create_log_stream(book.stream)
        stream = group.streams[book.stream]
        stream.creation_time = dt.datetime.fromtimestamp(due[0][0] / 1000, tz=dt.UTC).replace(tzinfo=None)
    stream.events += [LogEvent(at + _INGESTION_DELAY_MS, {"timestamp": at, "message": text}) for at, text in due]
    stream.stored_bytes += sum(len(text) for _, text in due)
    stream.upload_sequence_token += 1
    stream.last_ingestion_time = dt.datetime.fromtimestamp(due[-1][0] / 1000, tz=dt.UTC).replace(tzinfo=None)
