"""Sessions: botocore's own behaviour (SSO, role chains, credential_process, config file, proxies), one per profile.

All sessions share one loader of service models, because parsing them is most of what a new session costs.
"""

from __future__ import annotations

import gc
import gzip
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any
from xml.etree.ElementTree import ParseError

import orjson
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioAssumeRoleCredentialFetcher, AioDeferredRefreshableCredentials
from aiobotocore.session import AioSession
from botocore import exceptions as boto
from botocore.loaders import Loader, create_loader
from botocore.parsers import ResponseParserError

from aws.mfa import Codes, RoleCache

__all__ = ["Sessions"]

# Unhandled, its warnings (with tracebacks of each failed refresh) would go to the terminal. botocore does this itself.
logging.getLogger("aiobotocore").addHandler(logging.NullHandler())

_COMMON_DATA = ("_retry", "endpoints", "partitions", "sdk-default-configuration")


class _Files:
    """Reads botocore's model files (the interface of its JSONFileLoader) with orjson, in a third of the time.

    While a parser runs, in whichever thread, the event loop stands still.
    """

    def exists(self, file_path: str) -> bool:
        """Whether there is such a file, given its path without extension."""
        return any(Path(file_path + ending).is_file() for ending in (".json", ".json.gz"))

    def load_file(self, file_path: str) -> Any:
        """Return what a file holds, given its path without extension; None where there is none."""
        for path, read in ((f"{file_path}.json", Path.read_bytes), (f"{file_path}.json.gz", _unzipped)):
            try:
                return orjson.loads(read(Path(path)))
            except FileNotFoundError:
                continue
        return None


def _unzipped(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


@cache
def _loader(data_path: str | None) -> Loader:
    """Return the one loader of models found under a path (AWS_DATA_PATH) besides botocore's own."""
    loader = create_loader(data_path)
    loader.file_loader = _Files()
    return loader


_preloaded: set[tuple[int, str]] = set()


class _Assumed:
    """A credential provider (botocore's component interface) that holds the credentials of an assumed role."""

    def __init__(self, credentials: AioDeferredRefreshableCredentials) -> None:
        self._credentials = credentials

    async def load_credentials(self) -> AioDeferredRefreshableCredentials:
        """Return the credentials; they refresh themselves."""
        return self._credentials


_REFUSED_FOR_S = 15.0
_STS_CONFIG = AioConfig(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 2, "mode": "standard"})


class _Assuming:
    """Assumes a role; a refusal stands for a while, so that many reads through the role do not each wait for it."""

    def __init__(self, fetch: Callable[[], Awaitable[Mapping[str, Any]]]) -> None:
        self._fetch = fetch
        self._refused: Exception | None = None
        self._until = 0.0

    async def __call__(self) -> Mapping[str, Any]:
        """Return the credentials; raises what botocore raises."""
        if self._refused is not None and monotonic() < self._until:
            raise self._refused
        try:
            found = await self._fetch()
        except (boto.BotoCoreError, boto.ClientError, ResponseParserError, OSError, KeyError, ParseError) as error:
            self._refused, self._until = error, monotonic() + _REFUSED_FOR_S
            raise
        self._refused = None
        return found


class Sessions:
    """One aiobotocore session per (profile, role to assume); empty profile: the default chain."""

    def __init__(self) -> None:
        self.codes = Codes()
        self._roles = RoleCache(str(Path("~/.aws/cli/cache").expanduser()))
        self._sessions: dict[tuple[str, str], Any] = {}
        self._making = Lock()  # models are preloaded in threads

    def base(self, profile: str, region: str) -> Any:
        """Return the session of a profile. Reads configuration files; makes no call.

        `region` is where roles are assumed when the configuration names none.

        Raises:
            botocore.exceptions.ProfileNotFound: there is no such profile.
        """
        key = (profile, "")
        with self._making:
            if key not in self._sessions:
                self._sessions[key] = self._new(profile, region)
            return self._sessions[key]

    async def assumed(self, profile: str, role_arn: str, region: str) -> Any:
        """Return a session that acts as a role, with the profile's credentials as the source."""
        key = (profile, role_arn)
        if key not in self._sessions:
            base = self.base(profile, region)
            source = await base.get_credentials()
            if source is None:
                raise boto.NoCredentialsError
            fetcher = AioAssumeRoleCredentialFetcher(
                client_creator=partial(base.create_client, region_name=region, config=_STS_CONFIG),
                source_credentials=source,
                role_arn=role_arn,
                extra_args={"RoleSessionName": "pipemedic"},
            )
            session = self._new(profile, region)
            credentials = AioDeferredRefreshableCredentials(_Assuming(fetcher.fetch_credentials), "assume-role")
            session.register_component("credential_provider", _Assumed(credentials))
            self._sessions[key] = session
        return self._sessions[key]

    def drop(self, profile: str) -> None:
        """Forget a profile's sessions, so that the next one reads its configuration and credentials anew."""
        for key in [key for key in self._sessions if key[0] == profile]:
            del self._sessions[key]

    def preload(self, profile: str, region: str, service: str) -> None:
        """Read and parse a service's models. Slow the first time; meant for a thread.

        Raises:
            botocore.exceptions.UnknownServiceError: there is no such service.
        """
        loader = self.base(profile, region).get_component("data_loader")
        for name in _COMMON_DATA:
            loader.load_data_with_path(name)
        for kind in ("service-2", "endpoint-rule-set-1", "paginators-1"):
            try:
                loader.load_service_model(service, kind)
            except boto.UnknownServiceError:
                if kind == "service-2":
                    raise
        if (id(loader), service) not in _preloaded:
            _preloaded.add((id(loader), service))
            # Models are some hundred thousand objects that stay; each full collection would walk them all (measured:
            # a third of the time a log takes to load, in pauses of 60 ms).
            gc.freeze()

    def paginators(self, profile: str, region: str, service: str) -> Mapping[str, Any]:
        """Return a service's paginator models by operation; empty where it has none. Preloaded with the client."""
        loader = self.base(profile, region).get_component("data_loader")
        try:
            found: Mapping[str, Any] = loader.load_service_model(service, "paginators-1").get("pagination", {})
        except boto.UnknownServiceError:
            return {}
        return found

    def _new(self, profile: str, region: str) -> Any:
        session = AioSession(profile=profile or None)
        if not session.get_config_variable("region"):
            session.set_config_variable("region", region)  # the credential providers below take it from here
        session.register_component("data_loader", _loader(session.get_config_variable("data_path")))
        provider = session.get_component("credential_provider").get_provider("assume-role")
        provider.cache = self._roles
        provider._prompter = self.codes.prompter(profile)  # noqa: SLF001 (botocore offers no other way)
        return session
