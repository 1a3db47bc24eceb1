"""HTTP sessions that share their TLS settings.

Reading the CA bundle costs 50 ms of CPU and a megabyte, and aiobotocore does it anew for each client; a program that
watches forty regions has more than a hundred.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

from aiobotocore.httpsession import AIOHTTPSession

__all__ = ["SharedTlsSession"]

_contexts: dict[tuple[str, ...], Any] = {}
_building = Lock()


class SharedTlsSession(AIOHTTPSession):  # type: ignore[misc]
    """aiobotocore's session; clients with the same settings get the same TLS contexts.

    Overrides a private method. Should aiobotocore rename it, sessions work as before and a test says so.
    """

    def _build_ssl_contexts(self, proxy_url: str | None) -> Any:
        """Return the contexts for endpoint and proxy. Called in a thread."""
        settings = self._proxy_config.settings
        key = tuple(map(repr, (self._verify, self._cert_file, self._key_file, proxy_url, sorted(settings.items()))))
        with _building:
            if key not in _contexts:
                _contexts[key] = super()._build_ssl_contexts(proxy_url)
            return _contexts[key]
