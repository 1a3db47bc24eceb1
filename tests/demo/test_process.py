"""The account's process: quick to start, bound to its parent, loopback only."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable

import boto3
import pytest

from demo import process
from demo.process import DemoAccount


def _until(holds: Callable[[], bool], within_s: float = 15.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def _listens(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def test_it_ends_when_it_is_stopped_and_stopping_twice_does_no_harm() -> None:
    with process.start() as account:
        before = account.running
        assert _listens(account.endpoint_url)
    account.stop()
    assert (before, account.running) == (True, False)
    assert not _listens(account.endpoint_url)


def test_it_ends_with_its_parent_even_when_that_is_killed() -> None:
    script = (
        "import time; from demo import process as p; a = p.start(); print(a.endpoint_url, flush=True); time.sleep(99)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert _listens(url)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        assert _until(lambda: not _listens(url))


def test_without_a_pipe_it_serves_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "demo", "--port", "0"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        ready = json.loads(served.stdout.readline())
        assert _listens(ready["endpoint_url"])
        assert set(ready["environment"]) >= {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_REGION"}
        served.terminate()
        assert served.wait(10) == 0


def test_importing_it_is_light() -> None:
    heavy = ("moto", "botocore", "boto3", "yaml", "asyncio", "orjson")
    script = f"import sys, demo, demo.process\nprint([name for name in {heavy} if name in sys.modules])"
    seen = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"


def test_it_listens_on_loopback_only(demo_account: DemoAccount) -> None:
    assert urllib.parse.urlsplit(demo_account.endpoint_url).hostname == "127.0.0.1"


def test_a_start_that_fails_says_why() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(process.DemoStartError, match="did not start"):
            process.start(taken.getsockname()[1])


def test_a_frozen_start_gives_the_same_account_every_time() -> None:
    def look() -> object:
        with process.start(frozen_at="2026-03-02T03:00:00Z") as account:
            client = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x").client(
                "codepipeline", region_name="eu-west-1", endpoint_url=account.endpoint_url
            )
            return [client.get_pipeline_state(name=name)["stageStates"] for name in ("billing", "web", "checkout-api")]

    assert look() == look()
