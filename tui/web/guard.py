"""Who may come in: checks on Host, Origin and token, before anything else of a request is looked at. Pure.

- **Host** must be a name of this server: a page of a stranger whose name was bound anew to our address (DNS rebinding)
  still sends its own name.
- **Origin** of a WebSocket must be the page that this server gave out: browsers let any page open a WebSocket to any
  address and send the cookies along (RFC 6455, 10.2).
- **Token**, where there is one: as ``Authorization: Bearer …``, as the session's cookie, or once in the address of the
  first visit. Compared in constant time. The cookie holds a value of this run of the server, not the token.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["LEAST_TOKEN", "TOKEN_VARIABLE", "Guard", "is_loopback", "new_token"]

#: A token of fewer characters is refused; `new_token` gives 43 (256 bits).
LEAST_TOKEN = 16
#: The token may come in this variable; the programs that the server starts do not get to see it.
TOKEN_VARIABLE = "PIPEMEDIC_WEB_TOKEN"  # noqa: S105 (a name, not a secret)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def new_token() -> str:
    """Return a token that cannot be guessed."""
    return secrets.token_urlsafe(32)


def is_loopback(address: str) -> bool:
    """Whether an address or name is this machine's own and no other can reach it."""
    if address.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules of one run of a server.

    Attributes:
        bind: the address that it listens on.
        token: what a visitor must show; empty: nothing, which only a loopback address allows.
        names: further host names that are this server's own.
        session: the value of the cookie that a visitor with the token gets.
    """

    bind: str
    token: str = ""
    names: frozenset[str] = frozenset()
    session: str = field(default_factory=new_token)

    @classmethod
    def of(cls, bind: str, token: str, names: Iterable[str] = ()) -> Guard:
        """Make a guard.

        Raises:
            ValueError: the address is not a loopback one and there is no token, or the token is too short.
        """
        if token and len(token) < LEAST_TOKEN:
            raise ValueError(f"A token needs at least {LEAST_TOKEN} characters.")
        if not token and not is_loopback(bind):
            raise ValueError(f"{bind} can be reached from other machines: that needs a token.")
        return cls(bind, token, frozenset(name.lower().rstrip(".") for name in names))

    def host_allowed(self, header: str) -> bool:
        """Whether a ``Host`` header names this server."""
        name = _name(header)
        if not name:
            return False
        if name == self.bind.lower() or name in self.names or is_loopback(name):
            return True
        if is_loopback(self.bind):
            return False
        try:
            ipaddress.ip_address(name)  # nobody else's name can be bound to a bare address
        except ValueError:
            return False
        return True

    @staticmethod
    def same_origin(origin: str, host: str) -> bool:
        """Whether an ``Origin`` header is a page of the server that the ``Host`` header names."""
        try:
            page, here = urlsplit(origin), urlsplit(f"//{host}")
            default = _DEFAULT_PORTS[page.scheme]
            return bool(page.hostname) and (page.hostname, page.port or default) == (
                here.hostname,
                here.port or default,
            )
        except (KeyError, ValueError):
            return False

    def knows_token(self, shown: str) -> bool:
        """Whether what a visitor shows is the token."""
        return bool(self.token) and _equal(shown, self.token)

    def admits(self, authorization: str, cookie: str) -> bool:
        """Whether a request may come in by ``Authorization`` header or cookie; any may where there is no token."""
        if not self.token:
            return True
        kind, _, shown = authorization.partition(" ")
        by_header = self.knows_token(shown.strip()) and kind.lower() == "bearer"
        return _equal(cookie, self.session) or by_header


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode("utf-8", "surrogateescape"))


def _name(header: str) -> str:
    """The name in a ``Host`` header, in lower case, without its port; empty where it has none."""
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port
    except ValueError:
        return ""
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        return ""
    return (parts.hostname or "").rstrip(".")
