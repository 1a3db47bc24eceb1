from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import click
import pytest

from core.build import Build, LogLocation
from core.errors import UsageError
from core.logs import LogBatch, LogEvent, TailState
from demo.process import start
from tests.tui.cli.conftest import PROGRAM, Run
from tui.cli.logs_print import BatchPrinter, no_log
from tui.cli.trouble import Trouble
from tui.logs.printer import Shape

DEADLINE_S = 60


def test_log_of_the_failed_build_is_printed_whole(pipemedic: Run) -> None:
    done = pipemedic("logs", "search-index")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "Running on CodeBuild" in lines[0]
    assert "Phase complete: BUILD State: FAILED" in done.stdout
    assert re.match(r"Build / Build: build search-index:\S+", done.stderr)
    assert done.stderr.rstrip().endswith("FAILED")


def test_healthy_pipeline_shows_the_build_that_ran_last(pipemedic: Run) -> None:
    done = pipemedic("logs", "mailer")
    assert done.returncode == 0
    assert "SUCCEEDED" in done.stderr


def test_stage_and_action_choose_the_build(pipemedic: Run) -> None:
    done = pipemedic("logs", "search-index", "--stage", "Reindex")
    assert done.stderr.startswith("Reindex / Reindex: build search-index-deploy:")


def test_past_execution_is_found_by_the_beginning_of_its_id(pipemedic: Run) -> None:
    refused = pipemedic("logs", "billing", "--execution", "nothing-like-it")
    assert refused.returncode == 2
    ids = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", refused.stderr)
    past = pipemedic("logs", "billing", "--execution", ids[1][:13], "--stage", "Build")
    assert past.returncode == 0
    assert "SUCCEEDED" in past.stderr
    assert past.stdout != pipemedic("logs", "billing").stdout


def test_action_without_a_build_is_refused_with_the_builds_there_are(pipemedic: Run) -> None:
    done = pipemedic("logs", "orders")
    assert done.returncode == 2
    assert "CodeStarSourceConnection, which has no build log" in done.stderr
    assert "Builds: Build / Build; " in done.stderr


def test_colours_of_the_log_stay_on_a_terminal_only(pipemedic: Run) -> None:
    plain = pipemedic("logs", "recommendations", "--stage", "Build").stdout
    coloured = pipemedic("logs", "recommendations", "--stage", "Build", FORCE_COLOR="1").stdout
    assert "\x1b" not in plain
    assert click.unstyle(coloured) == plain


def test_running_build_is_printed_as_far_as_it_goes(pipemedic: Run) -> None:
    done = pipemedic("logs", "mobile-ios")
    assert done.returncode == 0
    assert done.stdout
    assert done.stderr.rstrip().endswith("IN_PROGRESS")


def test_reader_that_leaves_ends_the_program_quietly(on_demo: dict[str, str]) -> None:
    command = f"{' '.join(PROGRAM)} logs mobile-ios --follow | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"{command}; echo ${{PIPESTATUS[0]}} >&2"],
        env=on_demo,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.splitlines()[-1] == "141"
    assert "Broken" not in done.stderr
    assert "Traceback" not in done.stderr


def test_follow_prints_lines_as_they_are_written_and_ends_with_the_build(home: dict[str, str], tmp_path: Path) -> None:
    with start() as account, (tmp_path / "out").open("w+b") as out:
        environment = {**home, **account.environment}
        command = [*PROGRAM, "logs", "ledger", "--stage", "Build", "--follow"]
        with subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.PIPE, text=True) as running:
            deadline = time.monotonic() + DEADLINE_S
            sizes = []
            while running.poll() is None and time.monotonic() < deadline:
                sizes.append(os.fstat(out.fileno()).st_size)
                if sizes[-1]:
                    account.advance(4 if len(set(sizes)) < 4 else 30)
                try:
                    running.wait(0.3)
                except subprocess.TimeoutExpired:
                    continue
            if running.poll() is None:
                running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=10)
        out.seek(0)
        lines = out.read().decode().splitlines()
    assert running.returncode == 0
    assert said.rstrip().endswith("SUCCEEDED")
    assert len({size for size in sizes if size}) > 1
    assert "Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED" in "\n".join(lines)
    stamped = [line for line in lines if line.startswith("[Container]")]
    assert len(stamped) == len(set(stamped))


def test_log_that_cannot_be_reached_is_given_up_when_it_is_not_followed(capsys: pytest.CaptureFixture[str]) -> None:
    printer = BatchPrinter(Shape(), follow=False)
    broken = LogBatch(TailState.RECONNECTING, error="logs:GetLogEvents could not be reached")

    def reconnect_forever() -> None:
        for _ in range(100):
            printer.take(broken)

    with pytest.raises(Trouble, match="could not be reached"):
        reconnect_forever()
    assert capsys.readouterr().out == ""


def test_break_while_following_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    printer = BatchPrinter(Shape(), follow=True)
    for _ in range(5):
        printer.take(LogBatch(TailState.RECONNECTING, error="reset"))
    printer.take(LogBatch(TailState.LIVE, (LogEvent(0, "back"),)))
    said = capsys.readouterr()
    assert said.out == "back\n"
    assert said.err.count("reset") == 1


@pytest.mark.parametrize(
    ("colour", "shown"), [(False, "done\n"), (True, "\x1b[32mdone\x1b[0m\n")], ids=["pipe", "terminal"]
)
def test_line_keeps_colour_alone_and_ends_it(colour: bool, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b[32mdone"
    BatchPrinter(Shape(colour=colour), follow=False).take(LogBatch(TailState.LIVE, (LogEvent(0, hostile),)))
    assert capsys.readouterr().out == shown


def test_stream_that_is_gone_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Trouble, match="not there"):
        BatchPrinter(Shape(), follow=False).take(
            LogBatch(TailState.ENDED, error="The specified log stream does not exist.")
        )


@pytest.mark.parametrize(("status", "code"), [("IN_PROGRESS", 0), ("FAILED", 1), ("STOPPED", 1)])
def test_build_that_has_written_nothing_yet_is_told_apart_by_how_it_stands(
    status: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert no_log(LogLocation(state="pending"), Build("web:1", "", "web", status)) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert ("--follow" in said.err) is (status == "IN_PROGRESS")


def test_project_that_logs_elsewhere_names_the_place() -> None:
    where = LogLocation(state="disabled", s3_arn="arn:aws:s3:::logs/web/1.gz")
    with pytest.raises(UsageError, match=r"arn:aws:s3:::logs/web/1\.gz"):
        no_log(where, Build("web:1", "", "web", "FAILED"))


def test_grep_keeps_what_matches_with_lines_around_it(pipemedic: Run) -> None:
    whole = pipemedic("logs", "search-index").stdout.splitlines()
    done = pipemedic("logs", "search-index", "--grep", "phase complete: build state", "--context", "2")
    at = next(n for n, line in enumerate(whole) if "Phase complete: BUILD State" in line)
    assert done.returncode == 1
    assert done.stdout.splitlines() == whole[at - 2 : at + 3]


def test_excluded_lines_are_left_out_and_numbers_stay(pipemedic: Run) -> None:
    whole = pipemedic("logs", "search-index").stdout.splitlines()
    done = pipemedic("logs", "search-index", "--fixed", "--exclude", "[Container]", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows
    assert all(whole[row["line"] - 1] == row["message"] for row in rows)
    assert len(rows) == sum("[container]" not in line.lower() for line in whole)
    assert all(row["time"].endswith("Z") and isinstance(row["at_ms"], int) for row in rows)


def test_times_stand_before_lines(pipemedic: Run) -> None:
    whole = pipemedic("logs", "search-index").stdout.splitlines()
    stamped = pipemedic("logs", "search-index", "--timestamps").stdout.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", line) for line in stamped)
    assert [line.partition(" ")[2] for line in stamped] == whole
    assert pipemedic("logs", "search-index", "--clock", "start").stdout.lstrip().startswith("+00:00.000 ")


def test_a_window_of_time_is_asked_of_aws(pipemedic: Run) -> None:
    rows = [json.loads(line) for line in pipemedic("logs", "search-index", "--json").stdout.splitlines()]
    times = sorted({row["at_ms"] for row in rows})
    since, until = times[len(times) // 3], times[2 * len(times) // 3]
    done = pipemedic("logs", "search-index", "--since", str(since), "--until", str(until), "--json")
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == [
        row["message"] for row in rows if since <= row["at_ms"] < until
    ]


def test_a_local_file_is_read_without_aws(bare: Run, tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_bytes(b"[Container] 2026/11/23 07:00:01.500000 Running\n\x1b[31mred\xff\n2026-11-23T07:05:00Z done")
    assert bare("logs", "--file", str(log)).stdout == (
        "[Container] 2026/11/23 07:00:01.500000 Running\nred\ufffd\n2026-11-23T07:05:00Z done\n"
    )
    late = bare("logs", "--file", str(log), "--since", "2026-11-23T07:01:00Z", "--clock", "utc")
    assert late.stdout == "2026-11-23T07:05:00.000Z 2026-11-23T07:05:00Z done\n"
    piped = subprocess.run(
        [*PROGRAM, "logs", "--file", "-", "--grep", "red"], input=log.read_bytes(), capture_output=True, check=True
    )
    assert piped.stdout.decode() == "red\ufffd\n"


def test_secrets_are_masked_unless_asked_for(bare: Run, tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("export DB_PASSWORD=hunter2\n-----BEGIN PRIVATE KEY-----\nMIIEow\n-----END PRIVATE KEY-----\nok\n")
    masked = bare("logs", "--file", str(log)).stdout
    assert "hunter2" not in masked
    assert "MIIEow" not in masked
    assert masked.splitlines()[3:] == ["-----END PRIVATE KEY-----", "ok"]
    assert bare("logs", "--file", str(log), "--show-secrets").stdout == log.read_text()
    assert "hunter2" not in bare("logs", "--file", str(log), "--json").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--since", "yesterday-ish", "--file", "-"),
        ("--grep", "(", "--file", "-"),
        ("web", "--file", "-"),
        ("web", "--open"),
        (),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(bare: Run, words: tuple[str, ...]) -> None:
    assert bare("logs", *words).returncode == 2


def test_any_stream_is_printed_by_its_name(pipemedic: Run) -> None:
    build = pipemedic("logs", "search-index")
    found = re.search(r"build search-index:(\S+)", build.stderr)
    assert found
    done = pipemedic("logs", "--group", "/example/ci", "--stream", f"search-index/{found[1]}", "--region", "eu-west-1")
    assert (done.returncode, done.stdout) == (0, build.stdout)
    assert pipemedic("logs", "--stream", "x").returncode == 2
    assert pipemedic("logs", "--group", "/example/ci", "--live-tail").returncode == 2
    gone = pipemedic("logs", "--group", "/example/ci", "--stream", "nothing", "--region", "eu-west-1")
    assert gone.returncode == 3
    assert "not there" in gone.stderr


def test_a_whole_group_is_printed_with_the_names_of_its_streams(pipemedic: Run) -> None:
    asked = ("logs", "--group", "/example/ci", "--region", "eu-west-1", "--since", "9d")
    done = pipemedic(*asked, "--pattern", '"Phase complete: BUILD"')
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert len(lines) > 5
    assert all(re.match(r"\S+/[0-9a-f]{8} │ .*Phase complete: BUILD", line) for line in lines)
    assert len({line.partition(" │ ")[0] for line in lines}) == len(lines)
    counted = pipemedic(*asked, "--grep", "Phase complete: BUILD").stdout.splitlines()
    assert sorted(line for line in counted if line != "--") == sorted(lines)


def test_a_group_is_watched_live_with_its_meter(on_demo: dict[str, str]) -> None:
    words = "logs --group /aws/codebuild/mobile-ios --region eu-west-1 --since 1h -f --live-tail"
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(PROGRAM)} {words} | head -n 2"],
        env=on_demo,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert len(done.stdout.splitlines()) == 2
    assert "live tail 1 min, about $0.01" in done.stderr


def test_an_action_without_a_build_prints_what_its_service_tells_and_fails_with_it(pipemedic: Run) -> None:
    done = pipemedic("logs", "checkout-api")
    assert done.returncode == 1
    assert "(service checkout-api)" in done.stdout
    assert done.stderr.splitlines()[0].endswith("events of service checkout-api")
    assert done.stderr.rstrip().endswith("Failed")


def test_logs_of_an_action_are_listed_chosen_by_name_and_printed_together_by_time(pipemedic: Run) -> None:
    listed = pipemedic("logs", "checkout-api", "--list").stdout.splitlines()
    assert [line.split("  ")[0] for line in listed] == ["events of service checkout-api", "container app"]
    app = pipemedic("logs", "checkout-api", "--log", "app", "--since", "9d")
    assert "listening on 0.0.0.0:8080" in app.stdout
    both = pipemedic("logs", "checkout-api", "--log", "events", "--log", "app", "--since", "9d", "--json")
    rows = [json.loads(line) for line in both.stdout.splitlines()]
    assert [row["at_ms"] for row in rows] == sorted(row["at_ms"] for row in rows)
    assert {row["stream"].split()[0] for row in rows} == {"service", "app"}
    assert sum(row["stream"].startswith("app") for row in rows) == len(app.stdout.splitlines())
    text = pipemedic("logs", "checkout-api", "--log", "events", "--log", "app", "--since", "9d").stdout.splitlines()
    assert len(text) == len(rows)
    assert all(" │ " in line for line in text)
    unknown = pipemedic("logs", "checkout-api", "--log", "nothing")
    assert unknown.returncode == 2
    assert "There are: events of service checkout-api; container app." in unknown.stderr


def test_a_file_is_followed_as_it_grows_and_when_another_takes_its_place(home: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text("one\n")
    with subprocess.Popen(
        [*PROGRAM, "logs", "--file", str(log), "--follow"], env=home, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as running:
        assert running.stdout
        assert running.stdout.readline() == "one\n"
        with log.open("a") as more:
            more.write("two\nth")
            more.flush()
            assert running.stdout.readline() == "two\n"
            more.write("ree\n")
        assert running.stdout.readline() == "three\n"
        log.rename(tmp_path / "build.log.1")
        log.write_text("four\n")
        assert running.stdout.readline() == "four\n"
        log.write_text("5\n")
        assert running.stdout.readline() == "5\n"
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 130
