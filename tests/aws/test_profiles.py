"""Profiles and regions come from the user's own configuration, and what is wrong is said by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from aws.profiles import available_profiles, available_regions, describe_credentials_search, resolve_places
from core.errors import UsageError
from core.place import Place

CONFIG = """
[default]
region = eu-west-1
[profile prod]
region = eu-central-1
role_arn = arn:aws:iam::111122223333:role/OnCall
source_profile = default
[profile corp]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 111122223333
sso_role_name = OnCall
"""


@pytest.fixture
def configured(aws_home: Path) -> Path:
    (aws_home / "config").write_text(CONFIG)
    (aws_home / "credentials").write_text("[default]\naws_access_key_id = A\naws_secret_access_key = hush\n")
    return aws_home


def test_profiles_are_those_of_both_files(configured: Path) -> None:
    assert set(available_profiles()) == {"default", "prod", "corp"}


def test_without_files_there_are_none(aws_home: Path) -> None:
    assert available_profiles() == ()


def test_a_wrong_aws_profile_does_not_hide_the_others(configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "gone")
    assert "prod" in available_profiles()
    with pytest.raises(UsageError, match=r"gone.*prod"):
        resolve_places((), ())


def test_each_profile_meets_each_region_once(configured: Path) -> None:
    assert resolve_places(("prod", "corp"), ("us-east-1", "eu-west-1", "us-east-1")) == (
        Place("prod", "us-east-1"),
        Place("prod", "eu-west-1"),
        Place("corp", "us-east-1"),
        Place("corp", "eu-west-1"),
    )


def test_the_default_chain_and_a_profiles_own_region(configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve_places((), ()) == (Place("", "eu-west-1"),)
    assert resolve_places(("prod",), ()) == (Place("prod", "eu-central-1"),)
    monkeypatch.setenv("AWS_PROFILE", "prod")
    assert resolve_places((), ()) == (Place("", "eu-central-1"),)


def test_no_region_anywhere_is_a_usage_error(aws_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--region"):
        resolve_places((), ())
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert resolve_places((), ()) == (Place("", "eu-north-1"),)


def test_an_unknown_profile_names_those_there_are(configured: Path) -> None:
    with pytest.raises(UsageError, match=r"'stage'.*corp"):
        resolve_places(("stage",), ())


def test_the_search_for_credentials_is_told_without_values(configured: Path) -> None:
    told = "\n".join(describe_credentials_search("corp"))
    assert "profile corp: single sign-on" in told
    assert str(configured / "credentials") in told
    assert "AWS_ACCESS_KEY_ID" in told
    assert "hush" not in "\n".join(describe_credentials_search())
    assert "not configured" in "\n".join(describe_credentials_search("stage"))


def test_regions_are_those_of_the_partition(configured: Path) -> None:
    regions = available_regions("prod")
    assert "eu-central-1" in regions
    assert "cn-north-1" not in regions


def test_files_that_cannot_be_read_are_said(aws_home: Path) -> None:
    (aws_home / "config").write_text("[profile broken\n")
    assert "cannot be read" in describe_credentials_search("prod")[0]
    with pytest.raises(UsageError, match="cannot be read"):
        available_profiles()
    with pytest.raises(UsageError, match="cannot be read"):
        resolve_places((), ())
