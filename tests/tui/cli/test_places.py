"""Where to look: profiles, regions, credentials, and what is said when they lead nowhere."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from demo.process import DemoAccount
from tests.tui.cli.conftest import PROGRAM, Run
from tui.version import __version__


@pytest.fixture
def two_profiles(tmp_path: Path, on_demo: dict[str, str]) -> dict[str, str]:
    config = tmp_path / "aws-config"
    keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = example\nregion = eu-west-1\n"
    config.write_text(f"[profile ada]\n{keys}[profile finn]\n{keys}")
    return {
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL": on_demo["AWS_ENDPOINT_URL"],
    }


def test_no_region_anywhere_is_a_usage_error(bare: Run) -> None:
    done = bare("ls")
    assert done.returncode == 2
    assert "--region" in done.stderr


def test_no_credentials_names_what_was_looked_for(bare: Run) -> None:
    done = bare("ls", "--region", "eu-west-1")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "looked in environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY not set" in done.stderr
    assert "aws sso login" in done.stderr


def test_unknown_profile_is_a_usage_error_that_names_those_there_are(bare: Run, two_profiles: dict[str, str]) -> None:
    done = bare("ls", "--profile", "eve", **two_profiles)
    assert done.returncode == 2
    assert "ada, finn" in done.stderr


def test_unreachable_endpoint_is_said_in_one_sentence(bare: Run, on_demo: dict[str, str]) -> None:
    done = bare("ls", **{**on_demo, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    assert done.returncode == 3
    assert "could not be reached" in done.stderr
    assert "by itself" not in done.stderr
    assert "Traceback" not in done.stderr


def test_pipeline_in_two_places_is_asked_for(bare: Run, two_profiles: dict[str, str]) -> None:
    done = bare("status", "billing", "--profile", "ada", "--profile", "finn", **two_profiles)
    assert done.returncode == 2
    assert "--profile ada --region eu-west-1" in done.stderr
    assert "--profile finn --region eu-west-1" in done.stderr
    assert bare("status", "mailer", "--profile", "finn", **two_profiles).returncode == 0


def test_pipeline_is_found_in_the_one_place_that_has_it(pipemedic: Run) -> None:
    done = pipemedic("status", "loyalty", "--region", "eu-west-1", "--region", "us-east-1", "--format", "json")
    assert '"region": "us-east-1"' in done.stdout


def test_pipeline_is_found_by_its_arn_whatever_the_region(pipemedic: Run) -> None:
    done = pipemedic("status", "arn:aws:codepipeline:us-east-1:111122223333:loyalty", "--format", "json")
    assert '"region": "us-east-1"' in done.stdout


@pytest.mark.parametrize(
    ("name", "says"), [("billling", "Did you mean billing?"), ("Billing", "billing"), ("qqqq", "pipemedic ls")]
)
@pytest.mark.parametrize("command", ["status", "logs", "diagnose"])
def test_unknown_name_is_a_usage_error_with_names_like_it(pipemedic: Run, command: str, name: str, says: str) -> None:
    done = pipemedic(command, name)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stdout == ""


def test_trouble_elsewhere_does_not_hide_a_pipeline_that_is_here(pipemedic: Run, demo_account: DemoAccount) -> None:
    fault = demo_account.add_fault(
        service="codepipeline", region="us-east-1", code="AccessDeniedException", message="no", status=400
    )
    try:
        found = pipemedic("status", "mailer", "--region", "eu-west-1", "--region", "us-east-1")
        lost = pipemedic("status", "loyalty", "--region", "eu-west-1", "--region", "us-east-1")
    finally:
        demo_account.clear_faults(fault)
    assert found.returncode == 0
    assert "us-east-1 is not allowed" in found.stderr
    assert lost.returncode == 3


def test_info_tells_where_it_would_look_without_asking_aws(pipemedic: Run, demo_account: DemoAccount) -> None:
    before = demo_account.calls()["total"]
    done = pipemedic("info", "--region", "us-east-1", XDG_CONFIG_HOME="/etc/elsewhere")
    assert done.returncode == 0
    assert __version__ in done.stdout
    assert "/etc/elsewhere/pipemedic" in done.stdout
    assert demo_account.endpoint_url in done.stdout
    assert "us-east-1" in done.stdout
    assert demo_account.calls()["total"] == before


def test_info_works_without_any_configuration(bare: Run) -> None:
    done = bare("info")
    assert done.returncode == 0
    assert "none" in done.stdout


@pytest.mark.parametrize(("command", "code"), [("ls", 2), ("info", 0)])
def test_configuration_that_cannot_be_parsed_is_said(bare: Run, tmp_path: Path, command: str, code: int) -> None:
    broken = tmp_path / "broken"
    broken.write_text("garbage [")
    done = bare(command, AWS_CONFIG_FILE=str(broken))
    assert done.returncode == code
    assert f"cannot be read: Unable to parse config file: {broken}" in done.stdout + done.stderr


def test_session_that_has_ended_names_the_command_that_logs_in(bare: Run, tmp_path: Path) -> None:
    config = tmp_path / "sso"
    config.write_text(
        "[profile dev]\nsso_start_url = https://example.com/start\nsso_region = eu-west-1\n"
        "sso_account_id = 111122223333\nsso_role_name = dev\nregion = eu-west-1\n"
    )
    done = bare("ls", "--profile", "dev", AWS_CONFIG_FILE=str(config))
    assert done.returncode == 3
    assert "aws sso login --profile dev" in done.stderr


def test_ctrl_c_ends_without_a_traceback(on_demo: dict[str, str]) -> None:
    with subprocess.Popen(
        [*PROGRAM, "logs", "mobile-ios", "--follow"],
        env=on_demo,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in said
    assert "Aborted" not in said
