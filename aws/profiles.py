"""Which profiles and regions there are, from the user's own AWS configuration. No network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore import exceptions as boto
from botocore.session import Session

from core.errors import UsageError
from core.place import Place

__all__ = ["available_profiles", "available_regions", "describe_credentials_search", "resolve_places", "wants_code"]


def available_profiles() -> tuple[str, ...]:
    """Return the names of the profiles in the configuration and credentials files, in their order.

    Raises:
        UsageError: the files cannot be read.
    """
    try:
        return tuple(_bare().available_profiles)
    except boto.ConfigParseError as error:
        raise UsageError(f"The AWS configuration cannot be read: {error}") from error


def available_regions(profile: str = "", service: str = "codepipeline") -> tuple[str, ...]:
    """Return the regions of the profile's partition in which a service is offered, as botocore's data has it."""
    session = boto3.Session(profile_name=profile or None)
    partition = "aws"
    if session.region_name:
        partition = session.get_partition_for_region(session.region_name)
    return tuple(session.get_available_regions(service, partition_name=partition))


def resolve_places(profiles: Sequence[str], regions: Sequence[str]) -> tuple[Place, ...]:
    """Return each profile with each region; without profiles the default chain, without regions the profile's own.

    Raises:
        UsageError: a profile that is not configured, or no region anywhere.
    """
    places: dict[Place, None] = {}
    for profile in profiles or ("",):
        own = _region_of(profile)
        wanted = tuple(regions) or ((own,) if own else ())
        if not wanted:
            whose = f"Profile {profile!r} has no region" if profile else "No region is configured"
            raise UsageError(f"{whose}. Give one with --region, or set AWS_DEFAULT_REGION.")
        for region in wanted:
            places[Place(profile, region)] = None
    return tuple(places)


def wants_code(profile: str = "") -> bool:
    """Return whether a profile's role, or one on the way to it, is entered with the code of an MFA device."""
    name = profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "default"
    try:
        known = _bare().full_config.get("profiles", {})
    except boto.ConfigParseError:
        return False
    passed: set[str] = set()
    while name in known and name not in passed:
        passed.add(name)
        if "role_arn" in known[name] and "mfa_serial" in known[name]:
            return True
        name = known[name].get("source_profile", "")
    return False


def describe_credentials_search(profile: str = "") -> tuple[str, ...]:
    """Return where credentials were looked for, in botocore's order, each with what was there; values never show."""
    shared = Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials").expanduser()
    config = Path(os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
    name = profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "default"
    try:
        scoped = _bare().full_config.get("profiles", {}).get(name)
    except boto.ConfigParseError as error:
        return (f"{config}: cannot be read ({error})",)
    keys = [key for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") if not os.environ.get(key)]
    lines = [f"environment: {' and '.join(keys)} not set" if keys else "environment: access key set"]
    if profile and not keys:
        lines = ["environment: access key set, not used because a profile was named"]
    lines.extend(f"{path}: {'present' if path.exists() else 'no such file'}" for path in (shared, config))
    if scoped is None:
        lines.append(f"profile {name}: not configured")
    else:
        found = [label for key, label in _SOURCES if key in scoped]
        lines.append(f"profile {name}: {', '.join(found) if found else 'configured, but names no credentials'}")
    container = any(
        os.environ.get(key) for key in ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
    )
    lines.append(f"container credentials: {'address set' if container else 'not set'}")
    disabled = os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true"
    lines.append(f"instance metadata: {'turned off' if disabled else 'no answer'}")
    return tuple(lines)


_SOURCES = (
    ("aws_access_key_id", "access key"),
    ("sso_session", "single sign-on session"),
    ("sso_start_url", "single sign-on"),
    ("role_arn", "a role to assume"),
    ("credential_process", "an external command"),
    ("web_identity_token_file", "a web identity token"),
    ("login_session", "a login session"),
)


def _bare() -> Session:
    """Return a session that minds no AWS_PROFILE (it may name a profile that is not there), for listing only."""
    return Session(session_vars={"profile": (None, None, None, None)})


def _region_of(profile: str) -> str:
    """Return the region a profile would use; AWS_REGION (the CLI's) counts where botocore knows none.

    Raises:
        UsageError: the profile is not configured.
    """
    try:
        region = boto3.Session(profile_name=profile or None).region_name
    except boto.ProfileNotFound as error:
        known = ", ".join(_bare().available_profiles) or "none are configured"
        named = profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or ""
        raise UsageError(f"There is no profile {named!r}. Profiles: {known}.") from error
    except boto.ConfigParseError as error:
        raise UsageError(f"The AWS configuration cannot be read: {error}") from error
    return region or os.environ.get("AWS_REGION", "")
