"""The environment variables that lead an AWS client to the account. Standard library only."""

__all__ = ["ACCESS_KEY_ID", "environment_for"]

# AWS's own documentation uses these; they open nothing anywhere.
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
_SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105
_REGION = "eu-west-1"


def environment_for(endpoint_url: str) -> dict[str, str]:
    """Return the variables; they also keep the user's own profiles and the metadata service out."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": _SECRET_KEY,
        "AWS_REGION": _REGION,
        "AWS_DEFAULT_REGION": _REGION,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        # A proxy of the user's must not be asked for a loopback address.
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
