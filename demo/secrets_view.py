"""Parameters and secrets: remembered here until moto's services are first asked for, and read from moto from then on.

moto's ssm takes a second to import, and the account has to start at once.
"""

import contextlib
from typing import Any

from demo.moto_bridge import MotoBridge

__all__ = ["SecretsView"]


class SecretsView:
    """What builds and tasks can read from Parameter Store and Secrets Manager."""

    def __init__(self, moto: MotoBridge) -> None:
        self._moto = moto
        self._parameters: dict[str, dict[str, tuple[str, str]]] = {}
        self._secrets: dict[str, dict[str, str]] = {}
        self._seeded: set[tuple[str, str]] = set()

    def add_parameter(self, region: str, name: str, value: str, kind: str = "SecureString") -> None:
        """Put a parameter into the account's beginnings."""
        self._parameters.setdefault(region, {})[name] = (value, kind)

    def add_secret(self, region: str, name: str, value: str) -> None:
        """Put a secret into the account's beginnings."""
        self._secrets.setdefault(region, {})[name] = value

    def seed_ssm(self, region: str) -> None:
        """Create the region's parameters in moto, once."""
        if ("ssm", region) in self._seeded:
            return
        backend = self._moto.backend("ssm", region)
        for name, (value, kind) in self._parameters.get(region, {}).items():
            backend.put_parameter(name, "", value, kind, "", "", False, [], "text", None, None)
        self._seeded.add(("ssm", region))

    def seed_secrets(self, region: str) -> None:
        """Create the region's secrets in moto, once."""
        if ("secretsmanager", region) in self._seeded:
            return
        backend = self._moto.backend("secretsmanager", region)
        for name, value in self._secrets.get(region, {}).items():
            backend.create_secret(
                name=name,
                secret_string=value,
                secret_binary=None,
                description="",
                tags=[],
                kms_key_id=None,
                client_request_token=None,
                replica_regions=[],
                force_overwrite=False,
            )
        self._seeded.add(("secretsmanager", region))

    def has_parameter(self, region: str, name: str) -> bool:
        """Tell whether a parameter exists."""
        if ("ssm", region) not in self._seeded:
            return name in self._parameters.get(region, {})
        return self._moto.backend("ssm", region).get_parameter(name) is not None

    def problem(self, region: str, reference: str) -> str:
        """Say what is wrong with a reference to a secret (``name:json-key:stage:id``); nothing is empty text."""
        name = reference.split(":", maxsplit=1)[0]
        value = self._secret_value(region, name)
        if value is None:
            return "ResourceNotFoundException: Secrets Manager can't find the specified secret."
        key = reference.split(":")[1] if ":" in reference else ""
        if key and f'"{key}"' not in value:
            return f"key {key} does not exist in secret {name}"
        return ""

    def _secret_value(self, region: str, name: str) -> str | None:
        if ("secretsmanager", region) not in self._seeded:
            return self._secrets.get(region, {}).get(name)
        backend: Any = self._moto.backend("secretsmanager", region)
        with contextlib.suppress(KeyError):
            secret = backend.secrets[name]
            versions = [item for item in secret.versions.values() if "AWSCURRENT" in item["version_stages"]]
            if secret.deleted_date is None and versions:
                return str(versions[0].get("secret_string") or "")
        return None
