"""What a time comes to, from executions alone."""

from __future__ import annotations

from core.pipeline import Execution, Revision
from core.pulse import Past, Run, pulse, run_of

HOUR = 3600.0
NOW = 1_768_446_720.0


def run(number: int, status: str, ended_h: float, *, took_h: float = 0.5, revision: str = "") -> Run:
    """One that ended so many hours ago."""
    end = NOW - ended_h * HOUR
    return Run(f"x-{number}", status, end - took_h * HOUR, end, revision or f"r{number}")


def past(*runs: Run, name: str = "web") -> Past:
    return Past(name, name, tuple(sorted(runs, key=lambda one: -one.started_at)))


def test_counts_by_slice_and_rate() -> None:
    found = pulse([past(run(1, "Failed", 20), run(2, "Succeeded", 1), run(3, "Superseded", 1))], NOW, 24 * HOUR, 4)
    assert found.failures == (1, 0, 0, 0)
    assert found.successes == (0, 0, 0, 1)
    assert found.now.success_rate == 0.5
    assert found.before.success_rate is None


def test_time_to_restore_runs_from_the_first_failure_to_the_next_success() -> None:
    runs = [run(1, "Failed", 10), run(2, "Failed", 8), run(3, "Stopped", 7), run(4, "Succeeded", 5)]
    assert pulse([past(*runs)], NOW, 24 * HOUR, 4).now.restore_s == 5 * HOUR
    assert pulse([past(*runs[:2])], NOW, 24 * HOUR, 4).now.restore_s is None


def test_lead_time_has_failed_tries_of_the_same_revision_in_it() -> None:
    runs = [
        run(1, "Failed", 6, revision="a"),
        run(2, "Succeeded", 2, revision="a"),
        run(3, "Succeeded", 1, revision="a"),
    ]
    assert pulse([past(*runs)], NOW, 24 * HOUR, 4).now.lead_s == 4.5 * HOUR


def test_the_slowest_and_the_flakiest() -> None:
    slow = past(*(run(n, "Succeeded", n + 1, took_h=2) for n in range(3)), name="slow")
    flaky = past(run(1, "Failed", 6, revision="a"), run(2, "Succeeded", 2, revision="a"), name="flaky")
    broken = past(run(1, "Failed", 6, revision="a"), run(2, "Succeeded", 2, revision="b"), name="broken")
    found = pulse([slow, flaky, broken], NOW, 24 * HOUR, 4)
    assert [(one.name, one.value) for one in found.slowest] == [("slow", 2 * HOUR)]
    assert [(one.name, one.value, one.count) for one in found.flakiest] == [("flaky", 0.5, 2)]


def test_a_full_page_that_does_not_reach_back_is_not_covered() -> None:
    busy = past(*(run(n, "Succeeded", n * 0.1) for n in range(25)), name="busy")
    rare = past(run(1, "Succeeded", 2), name="rare")
    assert pulse([busy, rare], NOW, 24 * HOUR, 4).covered == 0.5
    assert pulse([], NOW, 24 * HOUR, 4).covered == 1.0


def test_an_execution_as_a_run() -> None:
    running = Execution("x", "InProgress", NOW, NOW, revisions=(Revision("B", "2"), Revision("A", "1")))
    assert run_of(running) == Run("x", "InProgress", NOW, None, "1,2")
    assert run_of(Execution("x", "Failed")) is None
