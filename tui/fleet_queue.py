"""How queues of events stand, in the user's words: for banners and the top line. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.errors import Denied
from core.place import Place
from core.text import sanitize
from tui.banners import BannerRow
from tui.fleet_book import QueueNews
from widgets.banner import Level

if TYPE_CHECKING:
    from aws.watch import QueueSaid

__all__ = ["queue_banners", "queue_news"]


def queue_news(said: QueueSaid) -> QueueNews:
    """What a queue's news mean for the user."""
    if said.error is None:
        return QueueNews(f"Events: {said.note}." if said.note else "", "pipemedic fleet check" if said.note else "")
    error = said.error
    what = f"not allowed to call {error.action}" if isinstance(error, Denied) and error.action else str(error)
    text = f"Events do not come, polling meanwhile: {what}"
    return QueueNews(text, "pipemedic fleet check", said.retry_at, polled=True)


def queue_banners(queues: Iterable[tuple[Place, QueueNews]], now: float) -> tuple[BannerRow, ...]:
    """One banner for each thing that is wrong, with the places it is wrong for."""
    found: dict[QueueNews, list[str]] = {}
    for place, news in queues:
        if news.text:
            found.setdefault(news, []).append(str(place))
    rows = []
    for news, names in found.items():
        where = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        rows.append(
            BannerRow(
                key=f"queue {where}",
                level=Level.WARNING,
                text=sanitize(f"{where}: {news.text}"),
                next_step=sanitize(" · ".join(filter(None, (news.next_step, "next try" if news.retry_at else "")))),
                retry_in_s=max(news.retry_at - now, 0.0) if news.retry_at else None,
            )
        )
    return tuple(rows)
