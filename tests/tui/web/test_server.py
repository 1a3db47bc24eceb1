"""`pipemedic web` as it is started: what it refuses, how it is told to end, and that nothing stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.tui.cli.conftest import PROGRAM
from tui.options import Options
from tui.web.service import program

KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    return {
        **kept,
        "HOME": str(home),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "eu-west-1",
        **nowhere,
        **more,
    }


def refused(home: Path, *words: str, **more: str) -> str:
    done = subprocess.run(
        [*PROGRAM, "web", *words],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    return done.stderr


def test_an_address_that_others_can_reach_is_refused_without_a_token(tmp_path: Path) -> None:
    assert "needs a token" in refused(tmp_path, "--bind", "0.0.0.0")  # noqa: S104
    assert "at least 16" in refused(tmp_path, "--bind", "0.0.0.0", PIPEMEDIC_WEB_TOKEN="short")  # noqa: S104
    empty = tmp_path / "token"
    empty.write_text("\n")
    assert "holds no token" in refused(tmp_path, "--token-file", str(empty))


def test_the_program_is_our_own_interpreter_with_the_options_given_and_no_shell() -> None:
    options = Options(profiles=("a b", "$(x)"), regions=("eu-west-1",), read_only=True, contexts=("prod",))
    assert program(options) == (
        sys.executable, "-P", "-m", "tui.web.child", "--profile=a b", "--profile=$(x)", "--region=eu-west-1",
        "--in=prod", "--read-only",
    )  # fmt: skip
    assert "--read-only" not in program(Options())


async def until(predicate: Callable[[], object], timeout_s: float = 30.0) -> None:
    end = time.monotonic() + timeout_s
    while not predicate():
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid` (from /proc)."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(each.parent.name))
    return found


def command_line(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@asynccontextmanager
async def visited(home: Path, *words: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A server with a visitor; the server's process and the id of the visitor's program."""
    server = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "pipemedic", "web", "--port", "0", *words, env=environment(home), cwd=home,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout is not None
    try:
        address = (await asyncio.wait_for(server.stdout.readline(), 60)).decode().strip().rstrip("/")
        async with (
            ClientSession() as session,
            session.ws_connect(f"{address}/ws", headers={"Origin": address}) as socket,
        ):
            data = (await socket.receive_bytes(timeout=60)).decode()
            assert "\x1b[?1049h" in data
            (program_id,) = children(server.pid)
            yield server, program_id
    finally:
        if server.returncode is None:
            server.kill()
        await server.communicate()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGKILL, -9)])
async def test_the_server_takes_its_programs_with_it(tmp_path: Path, number: signal.Signals, code: int) -> None:
    hostile = tmp_path / "tui"
    hostile.mkdir()
    hostile.joinpath("__init__.py").write_text("raise SystemExit('the current folder was imported')")
    async with visited(tmp_path) as (server, program_id):
        assert "--read-only" in command_line(program_id)
        server.send_signal(number)
        assert await asyncio.wait_for(server.wait(), 30) == code
        await until(lambda: not alive(program_id))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
async def test_changes_are_possible_only_where_they_were_asked_for(tmp_path: Path) -> None:
    async with visited(tmp_path, "--write", "--region", "eu-west-1; touch pwned") as (_, program_id):
        words = command_line(program_id)
        assert "--read-only" not in words
        assert "--region=eu-west-1; touch pwned" in words
