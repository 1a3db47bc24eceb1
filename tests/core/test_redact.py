from __future__ import annotations

import pytest

from core.redact import MASK, mask_secrets


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"),
        ("export AWS_SESSION_TOKEN='FwoGZXIvYXdzEXAMPLE=='", "FwoGZXIvYXdz"),
        ("key AKIAIOSFODNN7EXAMPLE was used", "IOSFODNN7EXAMPLE"),
        ("ASIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"),
        ("Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/2026, Signature=abc123", "abc123"),
        ("{'Authorization': b'AWS4-HMAC-SHA256 Credential=x'}", "AWS4-HMAC"),
        ("'X-Amz-Security-Token': 'IQoJb3JpZ2luX2VjEXAMPLE'", "IQoJb3JpZ2lu"),
        ('{"password": "hunter2 with spaces"}', "hunter2"),
        ("DB_PASSWORD: hunter2", "hunter2"),
        ("client_secret=s3cr3t&scope=all", "s3cr3t"),
        ("postgres://app:hunter2@db.example.com/app", "hunter2"),
        ("curl -H 'Authorization: Bearer abcdefgh12345678'", "abcdefgh12345678"),
        ("sent Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("token ghp_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnop"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJzdWIi"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\nafter", "MIIEpAIBAAKCAQEA"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEcutoff", "MIIEcutoff"),
    ],
)
def test_secret_is_masked(text: str, secret: str) -> None:
    masked = mask_secrets(text)
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        "codepipeline:GetPipelineState in eu-west-1 is not allowed",
        'File "/srv/tui/app.py", line 12, in on_mount',
        "arn:aws:iam::111122223333:role/build",
        "the token has run out",
        "https://eu-west-1.console.aws.amazon.com/codesuite?region=eu-west-1",
    ],
)
def test_plain_text_stays(text: str) -> None:
    assert mask_secrets(text) == text


def test_names_around_a_secret_stay_readable() -> None:
    assert mask_secrets("password=hunter2 user=app") == f"password={MASK} user=app"


def test_text_after_a_private_key_stays() -> None:
    text = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----\nafter"
    assert mask_secrets(text).endswith("after")
