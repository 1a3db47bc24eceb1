"""Which address a service would be asked at, from the user's own configuration. No network."""

from __future__ import annotations

import boto3
from botocore import exceptions as boto

from core.place import Place

__all__ = ["endpoint_of"]


def endpoint_of(place: Place, service: str = "codepipeline") -> str:
    """Return the URL that botocore resolves (``AWS_ENDPOINT_URL`` and configuration file count), or why it cannot."""
    try:
        session = boto3.Session(profile_name=place.profile or None)
        # Made-up keys: only the address is wanted, and no credential source may be asked for it.
        unused = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
        client = session.client(service, region_name=place.region, **unused)
    except (boto.BotoCoreError, ValueError) as error:
        return f"cannot be resolved: {error}"
    try:
        return str(client.meta.endpoint_url)
    finally:
        client.close()
