"""Sessions are botocore's own: what the user's configuration says of credentials works, or says what is missing."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from aws.cloud import Cloud
from core.errors import AwsError, CodeWanted, CredentialsExpired, CredentialsMissing
from core.place import Place
from tests.aws.stub import Asked, Raw, StubAws

ASSUMED = Raw(
    b"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"
    b"<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
    b"</Credentials><AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/OnCall/x</Arn>"
    b"<AssumedRoleId>A:x</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
)


@pytest.fixture
def account(stub: StubAws, monkeypatch: pytest.MonkeyPatch) -> StubAws:
    """Says which access key asked; no credentials in the environment."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    stub.on("ListPipelines", lambda asked: {"pipelines": [{"name": asked.access_key}]})
    return stub


def configure(home: Path, config: str) -> None:
    (home / "config").write_text(config)
    (home / "credentials").write_text("[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = x\n")


async def who_asks(profile: str) -> str:
    place = Place(profile, "eu-west-1")
    async with Cloud([place]) as cloud:
        return (await cloud.pipelines(place).names())[0]


async def error_of(profile: str) -> AwsError:
    with pytest.raises(AwsError) as raised:
        await who_asks(profile)
    return raised.value


async def test_a_role_is_assumed_through_its_source_profile(account: StubAws, aws_home: Path) -> None:
    configure(aws_home, "[profile prod]\nrole_arn = arn:aws:iam::111122223333:role/OnCall\nsource_profile = base\n")
    account.on("AssumeRole", ASSUMED)
    assert await who_asks("prod") == "ASIAROLE"
    assert account.asked[0].access_key == "AKIABASE"
    async with Cloud([Place("prod", "eu-west-1"), Place("prod", "us-east-1")]) as cloud:
        for place in cloud.places:
            assert await cloud.pipelines(place).names() == ("ASIAROLE",)
    assert account.count("AssumeRole") == 2  # once a run: nothing is written to disk
    assert not (aws_home / ".aws" / "cli" / "cache").exists()


async def test_an_external_command_gives_credentials(account: StubAws, aws_home: Path) -> None:
    given = json.dumps({"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "x"})
    command = shlex.join([sys.executable, "-c", f"print({given!r})"])
    configure(aws_home, f"[profile tool]\ncredential_process = {command}\n")
    assert await who_asks("tool") == "AKIAPROCESS"


async def test_an_external_command_that_fails_is_said(account: StubAws, aws_home: Path) -> None:
    configure(aws_home, "[profile tool]\ncredential_process = false\n")
    assert isinstance(await error_of("tool"), CredentialsMissing)


async def test_a_single_sign_on_without_a_token_names_the_login(account: StubAws, aws_home: Path) -> None:
    configure(
        aws_home,
        "[profile corp]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = OnCall\n"
        "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n",
    )
    error = await error_of("corp")
    assert isinstance(error, CredentialsExpired)
    assert "aws sso login --profile corp" in error.next_step
    assert account.asked == []


async def test_a_role_that_asks_for_a_code_never_takes_the_terminal(account: StubAws, aws_home: Path) -> None:
    configure(
        aws_home,
        "[profile prod]\nrole_arn = arn:aws:iam::111122223333:role/OnCall\nsource_profile = base\n"
        "mfa_serial = arn:aws:iam::111122223333:mfa/me\n",
    )
    error = await error_of("prod")
    assert isinstance(error, CodeWanted)
    assert error.detail == "for arn:aws:iam::111122223333:mfa/me"


async def test_the_endpoint_may_stand_in_the_configuration_file(
    account: StubAws, aws_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    configure(
        aws_home, f"[profile base]\nservices = here\n[services here]\ncodepipeline =\n  endpoint_url = {account.url}\n"
    )
    assert await who_asks("base") == "AKIABASE"


async def test_a_configuration_that_cannot_be_read_is_said(account: StubAws, aws_home: Path) -> None:
    configure(aws_home, "[profile broken\nregion eu-west-1\n")
    assert isinstance(await error_of("base"), CredentialsMissing)


async def test_an_endpoint_that_is_no_address_is_said(
    account: StubAws, monkeypatch: pytest.MonkeyPatch, aws_home: Path
) -> None:
    configure(aws_home, "")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "not an address")
    with pytest.raises(AwsError):
        await who_asks("base")


async def test_two_profiles_do_not_mix(account: StubAws, aws_home: Path) -> None:
    configure(aws_home, "")
    with (aws_home / "credentials").open("a") as file:
        file.write("[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n")
    places = [Place("base", "eu-west-1"), Place("other", "eu-west-1")]
    async with Cloud(places) as cloud:
        names = [(await cloud.pipelines(place).names())[0] for place in places]
    assert names == ["AKIABASE", "AKIAOTHER"]


async def test_members_that_the_models_do_not_know_yet_do_no_harm(stub: StubAws, cloud: Cloud) -> None:
    def answer(asked: Asked) -> dict[str, object]:
        return {"pipelineName": asked.params["name"], "stageStates": [{"stageName": "A", "newMember": {"x": 1}}]}

    stub.on("GetPipelineState", answer)
    fact = await cloud.evidence(cloud.places[0]).read("codepipeline", "GetPipelineState", {"name": "web"})
    assert fact.get("stageStates", 0, "newMember", "x") == 1  # taken as sent: no walk over shapes
    assert (await cloud.pipelines(cloud.places[0]).state("web")).stages[0].name == "A"


def test_importing_the_room_imports_nothing_heavy() -> None:
    code = "import sys, aws; print([name for name in ('botocore', 'boto3', 'aiohttp') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_room_needs_no_screen() -> None:
    code = (
        "import sys, aws.cloud; print([name for name in ('textual', 'rich', 'tui', 'widgets') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
