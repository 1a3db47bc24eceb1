"""What gives a secret away, and what only speaks of one."""

from __future__ import annotations

import pytest

from core.audit.secrets import looks_secret, secret_lines


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2-and-more"),
        ("dbPassword", "hunter2-and-more"),
        ("API_KEY", "9f8e7d6c5b4a"),
        ("GITHUB_TOKEN", "plain-old-token"),
        ("ANYTHING", "AKIAIOSFODNN7EXAMPLE"),
        ("ANYTHING", "ghp_" + "a1B2" * 9),
        ("DATABASE_URL", "postgres://shop:s3cr3t-word@db.example.com/shop"),
        ("CLIENT_SECRET", "q8w7e6r5t4"),
    ],
)
def test_a_secret_is_seen_by_its_name_or_its_form(name: str, value: str) -> None:
    assert looks_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"),
        ("DB_PASSWORD", "/shop/prod/db-password"),
        ("DB_PASSWORD", "{{resolve:secretsmanager:db:SecretString:password}}"),
        ("DB_PASSWORD", "#{Build.PASSWORD}"),
        ("DB_PASSWORD", "$PASSWORD"),
        ("DB_PASSWORD", ""),
        ("OAuthToken", "****"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("SECRET_ARN", "something-long"),
        ("SECRET_NAME", "shop/prod/database"),
        ("TOKEN_TTL", "3600"),
        ("TOKEN_URL", "https://auth.example.com/token"),
        ("KEYBOARD", "qwertyuiop"),
        ("ENABLE_AUTH", "true"),
        ("ImageTag", "latest-and-greatest"),
    ],
)
def test_what_only_speaks_of_a_secret_is_none(name: str, value: str) -> None:
    assert not looks_secret(name, value)


def test_sections_of_a_buildspec_that_name_secrets_are_passed_over() -> None:
    spec = """version: 0.2
env:
  secrets-manager:
    DB_PASSWORD: shop/database:password
  parameter-store:
    API_TOKEN: /shop/token-of-the-api
  variables:
    API_KEY: "9f8e7d6c5b4a"
phases:
  build:
    commands:
      - export NPM_TOKEN=$(aws secretsmanager get-secret-value --secret-id npm)
      # PASSWORD=in-a-comment
      - curl -H "Authorization: Bearer abcdef1234567890" https://example.com
"""
    assert [(line, name) for line, name, _ in secret_lines(spec)] == [(8, "API_KEY"), (14, "")]
