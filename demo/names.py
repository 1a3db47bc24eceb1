"""Ids and names as AWS forms them, drawn from a seeded source so that a seed always gives the same account."""

import random
import string

__all__ = ["ACCOUNT_ID", "CALLER", "arn", "console_url", "digest", "request_id", "stamp", "token", "uuid"]

ACCOUNT_ID = "111122223333"
CALLER = "oncall"
"""The user as whom everyone calls."""

_HEX = "0123456789abcdef"


def uuid(rng: random.Random) -> str:
    """Draw a version-4 UUID."""
    bits = rng.getrandbits(128) & ~(0xF << 76) | (0x4 << 76)
    bits = bits & ~(0x3 << 62) | (0x2 << 62)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def digest(rng: random.Random, length: int = 40) -> str:
    """Draw hexadecimal digits, such as a commit id."""
    return "".join(rng.choices(_HEX, k=length))


def token(rng: random.Random, length: int = 7) -> str:
    """Draw letters and digits, such as the last part of an artifact's key."""
    return "".join(rng.choices(string.ascii_letters + string.digits, k=length))


def request_id(rng: random.Random) -> str:
    """Draw S3's form of a request id."""
    return "".join(rng.choices(string.ascii_uppercase + string.digits, k=16))


def arn(service: str, region: str, resource: str) -> str:
    """Form the ARN of a resource of this account."""
    return f"arn:aws:{service}:{region}:{ACCOUNT_ID}:{resource}"


def console_url(region: str, path: str) -> str:
    """Form an address of the console."""
    return f"https://{region}.console.aws.amazon.com/{path}"


def stamp(rng: random.Random) -> str:
    """Draw the digits CodeBuild's source folders end in."""
    return str(rng.randrange(10**7, 10**9))
