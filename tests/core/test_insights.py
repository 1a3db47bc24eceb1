from __future__ import annotations

from core.insights import GB, QueryProgress, result_lines, rows_of, told_cost


def test_a_cost_is_told_in_gigabytes_and_money() -> None:
    assert told_cost(10 * GB) == "10.0000 GB scanned, about $0.0500 at list price"
    assert told_cost(2048) == "0.0000 GB scanned, under $0.0001 at list price"
    told = QueryProgress("q", "Running", 3, 10, GB, took_s=2.4).told
    assert told.startswith("running · 2 s · 3 of 10 records matched · 1.0000 GB scanned")


def test_rows_with_a_message_become_lines_of_a_log_with_their_times() -> None:
    fields = [("@timestamp", "2026-11-23 07:14:32.123"), ("@logStream", "web/1"), ("@message", "boom\n"), ("@ptr", "x")]
    rows = rows_of([[{"field": name, "value": value} for name, value in fields]])
    assert result_lines(rows) == (["1 │ boom"], [1_795_418_072_123])


def test_statistics_become_a_table_with_a_head() -> None:
    rows = rows_of(
        [
            [{"field": "phase", "value": "BUILD"}, {"field": "n", "value": "12"}],
            [{"field": "phase", "value": "INSTALL"}],
        ]
    )
    assert result_lines(rows)[0] == ["phase    n", "BUILD    12", "INSTALL"]
    assert result_lines(()) == ([], [])
