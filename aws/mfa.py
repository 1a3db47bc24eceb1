"""Codes of MFA devices: given by the user in the program, used once. Nothing here ever reads the terminal or the disk.

botocore asks a function for the code in the middle of a call; that function answers at once, with a code that was given
or with an error that says that one is wanted. Credentials got with a code live in memory, shared by all regions of the
profile; what the aws CLI keeps in its own cache is read, and nothing is written there.
"""

from __future__ import annotations

from botocore import exceptions as boto
from botocore.credentials import JSONFileCache

__all__ = ["WANTED", "Codes", "RoleCache"]

# How the error begins; aws/errors.py tells it by this.
WANTED = "an MFA code is wanted"


class Codes:
    """Codes by profile."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def give(self, profile: str, code: str) -> None:
        """Take a code for the profile's next attempt."""
        self._given[profile] = code

    def prompter(self, profile: str) -> _Prompter:
        """Return what stands in for getpass."""
        return _Prompter(self._given, profile)


class _Prompter:
    def __init__(self, given: dict[str, str], profile: str) -> None:
        self._given = given
        self._profile = profile

    def __call__(self, prompt: str) -> str:
        """Give the code that was given, once.

        Raises:
            botocore.exceptions.CredentialRetrievalError: none was given.
        """
        code = self._given.pop(self._profile, "")
        if not code:
            device = prompt.strip().rstrip(":").rpartition(" ")[2]
            raise boto.CredentialRetrievalError(provider="assume-role", error_msg=f"{WANTED} for {device}")
        return code


class RoleCache:
    """The cache of assumed roles, a mapping as botocore wants it: the program's memory, then the aws CLI's files."""

    def __init__(self, folder: str) -> None:
        self._held: dict[str, object] = {}
        self._files = JSONFileCache(folder)

    def __contains__(self, key: str) -> bool:
        return key in self._held or key in self._files

    def __getitem__(self, key: str) -> object:
        return self._held[key] if key in self._held else self._files[key]

    def __setitem__(self, key: str, value: object) -> None:
        self._held[key] = value
