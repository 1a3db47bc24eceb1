"""Secrets in text made unreadable before the text is written to a file or shown to others. Pure.

Forms: access key ids (IAM identifiers page: ``AKIA…``, ``ASIA…``), values after a telling name
(``AWS_SECRET_ACCESS_KEY=``, ``"password": "…"``, ``x-amz-security-token: …``), ``Authorization`` headers, passwords
within addresses, GitHub, GitLab, Slack and npm tokens, JSON web tokens, and private keys in PEM form.
"""

from __future__ import annotations

import re

__all__ = ["MASK", "has_credential", "mask_secrets"]

MASK = "********"

_NAMES = (
    r"(?:secret[_-]?access[_-]?key|secretaccesskey|session[_-]?token|sessiontoken|security[_-]?token|access[_-]?token"
    r"|refresh[_-]?token|id[_-]?token|auth[_-]?token|client[_-]?secret|clientsecret|api[_-]?key|apikey|private[_-]?key"
    r"|passwd|password|passphrase|secret|token|x-amz-security-token|x-amz-signature|signature)"
)
_PEM = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization[\"']?\s*[:=]\s*[bB]?[\"']?)[^\"'\n]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}")
_NAMED = re.compile(rf"(?i)({_NAMES}[\"']?\s*(?:[:=]|=>)\s*[bB]?)(\"[^\"\n]*\"|'[^'\n]*'|[^\s\"',;&)\]}}]+)")
_URL = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s/:@]*):[^\s/@]+@")
_BARE = re.compile(
    r"\b(?:(?:AKIA|ASIA)[A-Z0-9]{12,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}"
    r"|xox[abposr]-[\w-]{10,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
)


def mask_secrets(text: str) -> str:
    """Return text in which what looks like a secret is ``********``; names and the text around stay readable."""
    text = _PEM.sub(rf"-----BEGIN \1----- {MASK}", text)
    text = _HEADER.sub(rf"\1{MASK}", text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _NAMED.sub(_masked_value, text)
    text = _URL.sub(rf"\1:{MASK}@", text)
    return _BARE.sub(lambda found: found[0][:4] + MASK, text)


def has_credential(text: str) -> bool:
    """Whether text holds what has the form of a credential, whatever its name: a token, a key, an address with one.

    A variable in the place of one (``Bearer $TOKEN``, ``https://user:${PASS}@host``) is none.
    """
    if _PEM.search(text) or _BARE.search(text) or _BEARER.search(text):
        return True
    return any(not found[0].rpartition(":")[2].startswith(("$", "#", "{")) for found in _URL.finditer(text))


def _masked_value(found: re.Match[str]) -> str:
    value = found[2]
    quote = value[0] if value[0] in "\"'" else ""
    return f"{found[1]}{quote}{MASK}{quote}"
