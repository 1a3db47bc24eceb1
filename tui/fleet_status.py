"""What the fleet's bar, banners and empty state say. Pure, but for reading the desk."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from core.age import age
from core.attention import Condition
from core.errors import CodeWanted, CredentialsExpired, CredentialsMissing, Denied, PipemedicError
from core.place import Place
from core.text import sanitize
from tui.banners import BannerRow
from tui.context_mark import context_mark
from tui.desk import Desk
from tui.fleet_book import Trouble
from tui.fleet_queue import queue_banners
from tui.tones import condition_tone
from tui.top_bar import Bar
from widgets.banner import Level
from widgets.empty_state import NextStep
from widgets.status import Tone

if TYPE_CHECKING:
    from tui.app import PipemedicApp

__all__ = ["Empty", "bar_of", "empty_of", "troubles_of"]

_COUNTED = (
    (Condition.FAILED, "failed"),
    (Condition.STUCK, "stuck"),
    (Condition.WAITING, "waiting"),
    (Condition.RUNNING, "running"),
    (Condition.OFF, "off"),
    (Condition.OK, "ok"),
)


def bar_of(desk: Desk, now: float, only: Place | None = None, *, muted: bool = False) -> Bar:
    """The top line: where, how many in which state, mode (of all places or of `only` one, `muted`), freshness."""
    counts = desk.book.counts(now)
    newest = desk.book.newest
    rate = _rate(desk) if desk.is_open else ""
    read = f"read {age(newest, now)} ago" if newest else "connecting …" if not desk.book.listed else ""
    return Bar(
        where=_where(desk),
        mark=_mark(desk, only),
        counts=tuple((condition_tone(condition), counts.get(condition, 0), word) for condition, word in _COUNTED),
        mode=" ".join(filter(None, (_mode(desk, only), "muted" if muted else ""))),
        pulse=" · ".join(filter(None, (rate, read))),
    )


def _mark(desk: Desk, only: Place | None) -> Content:
    """The one context that is meant; where several are, the list's own column tells them apart."""
    shown = {context_mark(context) for place, context in desk.contexts.items() if only in (None, place)}
    return shown.pop() if len(shown) == 1 else Content("")


def _mode(desk: Desk, only: Place | None) -> str:
    """What may not be changed: nothing at all, or the places by name that are sealed or want a typed confirmation."""
    if desk.options.read_only:
        return "read-only"
    shown = [context for place, context in desk.contexts.items() if only in (None, place)]
    sealed = [context.name for context in shown if context.protection == "read-only"]
    typed = [context.name for context in shown if context.protection == "typed"]
    if sealed and len(sealed) == len(shown):
        return "read-only"
    words = (f"read-only: {', '.join(sealed)}" if sealed else "", f"protected: {', '.join(typed)}" if typed else "")
    return sanitize(" ".join(filter(None, words)))


def _rate(desk: Desk) -> str:
    """Calls a second; how many wait for their turn, and how many AWS refused as too fast, where there are any."""
    stats = desk.cloud.stats
    waiting = f"{stats.waiting} waiting" if stats.waiting else ""
    throttled = f"{stats.throttles} throttled" if stats.throttles else ""
    queues = desk.book.queues.values()
    events = "events" if queues and not any(news.polled for news in queues) else ""
    return " · ".join(filter(None, (f"{desk.cloud.calls_per_second:.1f} calls/s", events, waiting, throttled)))


def _where(desk: Desk) -> str:
    places = desk.places
    if not places:
        return ""
    identity = next(iter(desk.identities.values()), None)
    account = f"{identity.account[:4]}…{identity.account[-4:]}" if identity else ""
    profile = places[0].profile
    more = f"+{len(places) - 1}" if len(places) > 1 else ""
    return sanitize(" ".join(filter(None, (profile, account, places[0].region, more))))


def troubles_of(desk: Desk, now: float, only: Place | None = None) -> tuple[BannerRow, ...]:
    """One banner a troubled place: what happened, the next step, when it is tried again; then queues in trouble."""
    queues = [(place, news) for place, news in desk.book.queues.items() if only in (None, place)]
    return (
        *(_banner(desk, trouble, now) for place, trouble in desk.book.troubles.items() if only in (None, place)),
        *queue_banners(queues, now),
    )


def _banner(desk: Desk, trouble: Trouble, now: float) -> BannerRow:
    error = trouble.error
    kept = f" What is shown is {age(desk.book.newest, now)} old." if trouble.place in desk.book.listed else ""
    return BannerRow(
        key=str(trouble.place),
        level=Level.WARNING if isinstance(error, Denied) else Level.ERROR,
        text=sanitize(_what(error, trouble.place) + kept),
        next_step=sanitize(" · ".join(filter(None, (_todo(error), "next try")))),
        retry_in_s=max(trouble.retry_at - now, 0.0) if trouble.retry_at else None,
    )


def _what(error: PipemedicError, place: Place) -> str:
    if isinstance(error, CredentialsExpired):
        return f"{place}: the session has expired."
    if isinstance(error, CodeWanted):
        return f"{place}: an MFA code is wanted."
    if isinstance(error, CredentialsMissing):
        return f"{place}: there are no credentials."
    if isinstance(error, Denied):
        return f"{place}: not allowed to call {error.action or error.operation}."
    return f"{place}: {error}"


def _todo(error: PipemedicError) -> str:
    """The next step in a few words."""
    if isinstance(error, CodeWanted):
        return "K gives the code"
    if isinstance(error, CredentialsExpired | CredentialsMissing):
        return f"aws sso login{f' --profile {error.profile}' if error.profile else ''}"
    return ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What stands in place of an empty table; `copies` is what the key for copying gives."""

    title: str
    lines: tuple[str, ...] = ()
    steps: tuple[NextStep, ...] = ()
    tone: Tone = Tone.IDLE
    copies: str = ""


_AGAIN = NextStep("reload", "r", "try again now")
_LOGIN = NextStep("login", "enter", "log in here with aws sso login")
_QUIT = NextStep("quit", "q", "quit")


def empty_of(app: PipemedicApp, *, filtered: bool) -> Empty:
    """What to show in place of an empty table."""
    desk = app.desk
    if app.start_error is not None:
        lines = (str(app.start_error), app.start_error.next_step)
        return Empty("Cannot start", _clean(lines), (_AGAIN, _QUIT), Tone.FAILED)
    if filtered and len(desk.book):
        return Empty("Nothing matches", ("No pipeline matches the filter.",), (NextStep("clear", "esc", "clear it"),))
    if not desk.is_open or not (desk.book.listed or desk.book.troubles):
        return Empty("Connecting …", ("Asking AWS which pipelines there are.",), (), Tone.RUNNING)
    if desk.book.troubles and not desk.book.listed:
        return _troubled(app, next(iter(desk.book.troubles.values())))
    waiting = [str(place) for place in desk.places if place not in desk.book.listed | set(desk.book.troubles)]
    if waiting:
        return Empty("Connecting …", (f"Waiting for {', '.join(waiting)}.",), (), Tone.RUNNING)
    asked = ", ".join(str(place) for place in desk.places)
    identity = next(iter(desk.identities.values()), None)
    account = f"Account {identity.account}. " if identity else ""
    lines = (f"{account}Asked: {asked}.", "There are no pipelines there. Another region: pipemedic --region REGION")
    return Empty("No pipelines here", lines, (_AGAIN, _QUIT))


def _troubled(app: PipemedicApp, trouble: Trouble) -> Empty:
    error = trouble.error
    lines = [str(error), error.next_step]
    if isinstance(error, CodeWanted):
        steps = (NextStep("code", "K", "give the code"), _AGAIN, _QUIT)
        return Empty("An MFA code is wanted", _clean(lines), steps, Tone.WARNING)
    if isinstance(error, CredentialsMissing):
        searched = app.desk.credentials_search(trouble.place)
        return Empty("No credentials", _clean((*lines, *searched)), (_LOGIN, _AGAIN, _QUIT), Tone.FAILED)
    if isinstance(error, CredentialsExpired):
        return Empty("The session has expired", _clean(lines), (_LOGIN, _AGAIN, _QUIT), Tone.WARNING)
    if isinstance(error, Denied):
        allow = json.dumps({"Effect": "Allow", "Action": error.action, "Resource": error.resource or "*"})
        lines.append(f"A statement that allows it (y copies): {allow}")
        return Empty("Not allowed to list pipelines", _clean(lines), (_AGAIN, _QUIT), Tone.DENIED, allow)
    return Empty("AWS does not answer", _clean(lines), (_AGAIN, _QUIT), Tone.FAILED)


def _clean(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(sanitize(line) for line in lines if line)
