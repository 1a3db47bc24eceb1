"""Which operations only read: an allow-list by verb, over the operation names of botocore's service models."""

from __future__ import annotations

import re

__all__ = ["is_harmless", "is_read"]

# Verbs that AWS uses for reading. What is not listed here is taken as a change.
_READ_VERB = re.compile(
    r"^(?:Get|List|Describe|BatchGet|BatchDescribe|Simulate|Lookup|Filter|Query|Head|Scan|Search|Validate|Preview|View)"
    r"(?=[A-Z0-9]|$)"
)
# Named like a read, but hand out secrets or new credentials, or have effects.
_NOT_READS = frozenset(
    {
        ("cognito-identity", "GetCredentialsForIdentity"),
        ("codeartifact", "GetAuthorizationToken"),
        ("ec2", "GetPasswordData"),
        ("ecr", "GetAuthorizationToken"),
        ("ecr-public", "GetAuthorizationToken"),
        ("redshift", "GetClusterCredentials"),
        ("secretsmanager", "BatchGetSecretValue"),
        ("secretsmanager", "GetSecretValue"),
        ("sso", "GetRoleCredentials"),
        ("sts", "GetFederationToken"),
        ("sts", "GetSessionToken"),
    }
)

# Reads by what they do, though not by their names: it says what stands in a message that its owner has already.
_READS = frozenset({("sts", "DecodeAuthorizationMessage")})

# Reads by what they do, though not by their names: a query over logs, and its end. Nothing that was there is changed or
# gone afterwards; a query exists for its own result, and StopQuery ends no more than that. They cost by what is scanned
# (StartQuery) or by the minute (StartLiveTail), so they are `is_harmless` for the gate and no `is_read`: playbooks and
# teams' files cannot make them, only the screens and commands that say what they cost.
_QUERIES = frozenset({("logs", "StartQuery"), ("logs", "StopQuery"), ("logs", "StartLiveTail")})


def is_read(service: str, operation: str) -> bool:
    """Return whether an operation (named as in the API) of a service (botocore's name) changes nothing."""
    if (service, operation) in _READS:
        return True
    return bool(_READ_VERB.match(operation)) and (service, operation) not in _NOT_READS


def is_harmless(service: str, operation: str) -> bool:
    """Return whether the gate lets an operation pass without a confirmed plan: reads, and queries over logs."""
    return is_read(service, operation) or (service, operation) in _QUERIES
