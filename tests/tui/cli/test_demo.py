"""`pipemedic demo`: the account is served, an AWS client can use it, and it ends with the program."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.tui.cli.conftest import PROGRAM, Run
from tui.cli import demo_account

DEADLINE_S = 30


@contextmanager
def serving(
    environment: dict[str, str], *words: str
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str], list[str]]]:
    """Run ``demo --serve-only``; give the process, the variables it exports, and its first lines."""
    command = [*PROGRAM, "demo", "--serve-only", *words]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        assert running.stdout is not None
        assert "serves at" in running.stderr.readline()
        os.set_blocking(running.stdout.fileno(), False)
        lines = running.stdout.read().splitlines()
        exports = dict(shlex.split(line)[1].split("=", 1) for line in lines if line.startswith("export "))
        try:
            yield running, exports, lines
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGINT)
            running.communicate(timeout=DEADLINE_S)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_demo/health", timeout=5) as response:  # noqa: S310 (loopback)
            return bool(response.status == 200)
    except OSError:
        return False


def test_serve_only_prints_exports_that_lead_a_client_to_the_account(home: dict[str, str], program: Run) -> None:
    with serving(home) as (running, exports, lines):
        assert all(line.startswith("export ") for line in lines)
        assert exports["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
        listed = program("ls", "--failed", **exports)
        assert listed.returncode == 1
        assert "billing" in listed.stdout
    assert running.returncode == 130
    assert not answers(exports["AWS_ENDPOINT_URL"])


def test_account_ends_even_when_the_program_is_killed(home: dict[str, str]) -> None:
    with serving(home) as (running, exports, _):
        url = exports["AWS_ENDPOINT_URL"]
        assert answers(url)
        running.kill()
        running.wait(DEADLINE_S)
        deadline = time.monotonic() + DEADLINE_S
        while answers(url) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not answers(url)


def test_profile_of_the_user_is_unset_and_a_proxy_kept_away(home: dict[str, str]) -> None:
    user = {**home, "AWS_PROFILE": "prod", "http_proxy": "http://proxy.example.com:3128", "NO_PROXY": "example.com"}
    with serving(user) as (_, exports, lines):
        assert "unset AWS_PROFILE" in lines
        assert exports["NO_PROXY"] == exports["no_proxy"] == "example.com,127.0.0.1,localhost"


def test_port_that_is_taken_is_said_plainly(home: dict[str, str], program: Run) -> None:
    with serving(home) as (_, exports, _):
        done = program("demo", "--serve-only", "--port", exports["AWS_ENDPOINT_URL"].rpartition(":")[2])
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert done.stdout == ""


def test_missing_extra_gives_the_command_that_installs_it(bare: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_account, "find_spec", lambda name: None if name == "moto" else object())
    done = bare("demo")
    assert done.returncode == 2
    assert "pipx install --force 'pipemedic[demo]'" in done.stderr
    assert "(moto)" in done.stderr


def test_program_opens_on_both_regions_with_the_users_variables_gone(
    bare: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: dict[str, object] = {}

    def launch(options: object) -> int:
        opened.update(options=options, aws={name for name in os.environ if name.startswith("AWS_")})
        opened["url"] = os.environ["AWS_ENDPOINT_URL"]
        return 0

    monkeypatch.setattr("tui.launch.launch", launch)
    done = bare("demo", "--read-only", AWS_PROFILE="prod", AWS_SESSION_TOKEN="x")
    assert done.returncode == 0
    options = opened["options"]
    assert getattr(options, "regions", None) == ("eu-west-1", "us-east-1")
    assert getattr(options, "read_only", None) is True
    aws = opened["aws"]
    assert isinstance(aws, set)
    assert aws.isdisjoint({"AWS_PROFILE", "AWS_SESSION_TOKEN"})
    assert not answers(str(opened["url"]))
