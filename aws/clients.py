"""Clients, opened when first asked for, kept per (profile, region, service, role) and closed at exit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from aiobotocore.config import AioConfig

from aws import express, rawjson
from aws.paging import Paging
from aws.readonly import Gate
from aws.session import Sessions
from aws.transport import SharedTlsSession
from core.errors import Unreachable
from core.place import Place

__all__ = ["ClientKey", "Clients"]

# Retries are the budget's: botocore's are per client object and lose calls under a limit. A pool of 10, the default,
# would cap 50 calls in flight without a word.
_CONFIG = AioConfig(
    http_session_cls=SharedTlsSession,
    connect_timeout=5,
    read_timeout=20,
    max_pool_connections=64,
    retries={"total_max_attempts": 1, "mode": "standard"},
    user_agent_extra="pipemedic",
)
# Where more clients than this are wanted at once, they are made with pauses.
_MANY = 6
# A queue holds a call back for up to 20 s until a message comes.
_PATIENT = _CONFIG.merge(AioConfig(read_timeout=30))


@dataclass(frozen=True, slots=True)
class ClientKey:
    """What a client is for; `role_arn` is a role to assume, empty for the profile's own credentials."""

    profile: str
    region: str
    service: str
    role_arn: str = ""


class _Entry:
    """An open client with how many calls use it; one that was retired closes when the last call ends."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.users = 0
        self.retired = False


class Clients:
    """All open clients."""

    def __init__(self, sessions: Sessions, gate: Gate) -> None:
        self._sessions = sessions
        self._gate = gate
        self._closed = False
        self._building = asyncio.Lock()
        self._wanted = 0  # clients that are being made, or wait for it
        self._loading = asyncio.Lock()
        self._open: dict[ClientKey, _Entry] = {}
        self._locks: dict[ClientKey, asyncio.Lock] = {}
        self._creating: dict[
            str, asyncio.Lock
        ] = {}  # by profile: a slow credential source holds up its own clients only

    @asynccontextmanager
    async def borrow(self, key: ClientKey) -> AsyncIterator[Any]:
        """Yield the client of a key, opening it if need be; it stays open at least as long as it is borrowed.

        Raises:
            botocore.exceptions.BotoCoreError: the profile, its credentials or the service are not there.
            Unreachable: the program is closing.
        """
        if self._closed:
            raise Unreachable("pipemedic is closing", service=key.service, region=key.region, profile=key.profile)
        entry = self._open.get(key)
        if entry is None:
            async with self._locks.setdefault(key, asyncio.Lock()):
                entry = self._open.get(key)
                if entry is None:
                    entry = self._open[key] = _Entry(await self._new(key))
        entry.users += 1
        try:
            yield entry.client
        finally:
            entry.users -= 1
            if entry.retired and not entry.users:
                await entry.client.close()

    def paging(self, key: ClientKey, operation: str) -> Paging | None:
        """Return how an operation pages; None where it gives all at once. The key's client must have been opened."""
        config = self._sessions.paginators(key.profile, key.region, key.service).get(operation)
        return Paging(config) if config else None

    async def credentials_end(self, place: Place) -> float | None:
        """Return when the credentials of a place's profile end (epoch seconds); None where they do not."""
        credentials = await self._sessions.base(place.profile, place.region).get_credentials()
        end = getattr(credentials, "_expiry_time", None)  # botocore shows it nowhere else
        return end.timestamp() if isinstance(end, datetime) else None

    def give_code(self, profile: str, code: str) -> None:
        """Take an MFA device's code for the profile's next attempt to enter its role."""
        self._sessions.codes.give(profile, code)

    async def retire(self, profile: str) -> None:
        """Forget a profile's clients and sessions; the next call signs with credentials that are read anew."""
        self._sessions.drop(profile)
        gone = [self._open.pop(key) for key in list(self._open) if key.profile == profile]
        for entry in gone:
            entry.retired = True
            if not entry.users:
                await entry.client.close()

    async def close(self) -> None:
        """Close all clients, for good."""
        self._closed = True
        entries = list(self._open.values())
        self._open.clear()
        for entry in entries:
            await entry.client.close()

    async def _new(self, key: ClientKey) -> Any:
        self._wanted += 1
        try:
            client = await self._made(key)
        finally:
            self._wanted -= 1
        self._gate.guard(client, key.service, Place(key.profile, key.region))
        rawjson.install(client)
        express.install(client, key.service, lambda operation: self._gate.check(key.service, operation))
        _keep_own_address(client)
        return client

    async def _made(self, key: ClientKey) -> Any:
        # Parsing a model holds the loop for tens of milliseconds, so it happens in a thread, before the client is made.
        async with self._loading:  # many threads at once would take turns with the loop, to nobody's gain
            await asyncio.to_thread(self._sessions.preload, key.profile, key.region, key.service)
        async with self._creating.setdefault(key.profile, asyncio.Lock()):
            if key.role_arn:
                session = await self._sessions.assumed(key.profile, key.role_arn, key.region)
            else:
                session = self._sessions.base(key.profile, key.region)
            config = _PATIENT if key.service == "sqs" else _CONFIG
            await session.get_credentials()  # may take its time; what follows holds the loop for some 20 ms
            async with self._building:
                began = time.perf_counter()
                client = await session.create_client(key.service, region_name=key.region, config=config).__aenter__()
                # Making one holds the loop. Where many are wanted, answers of the first get as long in between.
                await asyncio.sleep(time.perf_counter() - began if self._wanted > _MANY else 0)
        return client


def _keep_own_address(client: Any) -> None:
    """Leave an address without a name as it is.

    Some operations run on a host of their own (StartLiveTail: ``stream-`` before the name). botocore puts that before
    any endpoint, the user's own too, which is right for a name and makes nonsense of ``127.0.0.1``.
    """
    host = urlsplit(str(client.meta.endpoint_url)).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        if host != "localhost":
            return
    client.meta.config.inject_host_prefix = False
