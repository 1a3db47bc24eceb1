from __future__ import annotations

from core.signatures.phases import Segments, read_marker

_LOG = """
[Container] 2026/05/02 08:11:00 Waiting for DOWNLOAD_SOURCE
[Container] 2026/05/02 08:11:01 Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED
[Container] 2026/05/02 08:11:01 Entering phase BUILD
[Container] 2026/05/02 08:11:01 Running command npm ci
added 3 packages
[Container] 2026/05/02 08:11:02 Running command npm test
boom
[Container] 2026/05/02 08:11:03 Command did not exit successfully npm test exit status 3
[Container] 2026/05/02 08:11:03 Phase complete: BUILD State: FAILED
[Container] 2026/05/02 08:11:03 Phase context status code: COMMAND_EXECUTION_ERROR Message: it said no
[Container] 2026/05/02 08:11:03 Entering phase POST_BUILD
[Container] 2026/05/02 08:11:03 Running command echo done
[Container] 2026/05/02 08:11:04 Phase complete: POST_BUILD State: SUCCEEDED
""".strip().split("\n")


def _segments(lines: list[str]) -> Segments:
    found = (read_marker(number, line) for number, line in enumerate(lines, 1))
    return Segments([marker for marker in found if marker is not None])


def test_lines_belong_to_commands_and_commands_to_phases() -> None:
    segments = _segments(_LOG)
    assert (segments.at(5).command, segments.at(5).phase, segments.at(5).status) == ("npm ci", "BUILD", "ok")
    assert (segments.at(7).command, segments.at(7).status, segments.at(7).exit_code) == ("npm test", "failed", "3")
    assert segments.at(12).status == "ok"
    assert segments.first_failed is segments.at(7)
    assert segments.phases == {"DOWNLOAD_SOURCE": "ok", "BUILD": "failed", "POST_BUILD": "ok"}
    assert not segments.healthy


def test_old_agents_say_success_true_or_false() -> None:
    segments = _segments(["Entering phase BUILD", "boom", "Phase complete: BUILD Success: false"])
    assert segments.at(2).status == "failed"
    assert _segments(["Phase complete: BUILD Success: true"]).healthy


def test_a_phase_that_fails_as_a_whole_fails_where_it_stood() -> None:
    segments = _segments(
        ["Waiting for DOWNLOAD_SOURCE", "AccessDenied", "Phase complete: DOWNLOAD_SOURCE State: FAILED"]
    )
    assert segments.at(2).status == "failed"
    assert segments.first_failed is not None


def test_a_log_without_markers_is_one_segment_of_unknown_state() -> None:
    segments = _segments(["just", "text"])
    assert segments.at(2).status == "unknown"
    assert segments.first_failed is None
    assert not segments.healthy


def test_a_running_log_has_no_failed_segment_yet() -> None:
    segments = _segments(_LOG[:7])
    assert segments.at(7).status == "unknown"
    assert segments.first_failed is None
