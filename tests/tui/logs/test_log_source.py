"""Sources as values: named, merged, kept and read again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.attention import FocusPoint
from core.build import LogLocation
from core.logs import LogGroup
from core.place import PipelineRef, Place
from tui.logs.source import MOST_PARTS, LogSource, SourceKind

HERE = Place("prod", "eu-west-1")
STREAM = LogSource.of_location(HERE, LogLocation("/ci", "web/1"))
GROUP = LogSource.of_group(HERE, LogGroup("/ecs/web", prefix="web/app/", pattern="ERROR"), "container app")
ACTION = LogSource.of_action(PipelineRef(HERE, "web"), FocusPoint("Build", "Build"), "e-1")
EVERY = (
    STREAM,
    GROUP,
    ACTION,
    LogSource.of_location(HERE, LogLocation(s3_arn="arn:aws:s3:::logs/1.gz")),
    LogSource.of_file(Path("/var/log/build.log")),
    LogSource.merged((STREAM, GROUP)),
)


@pytest.mark.parametrize("source", EVERY, ids=lambda each: each.name)
def test_a_source_is_read_again_as_it_was_kept(source: LogSource) -> None:
    assert LogSource.from_data(json.loads(json.dumps(source.to_data()))) == source
    assert source.name


def test_merging_takes_each_source_once_and_what_is_merged_by_its_parts() -> None:
    both = LogSource.merged((STREAM, GROUP))
    assert LogSource.merged((both, STREAM, ACTION)).parts == (STREAM, GROUP, ACTION)
    assert LogSource.merged((STREAM, STREAM)) == STREAM
    assert both.without(GROUP) == STREAM
    assert both.name == "1 + container app"
    many = LogSource.merged(LogSource.of_file(Path(f"/{n}")) for n in range(20))
    assert len(many.parts) == MOST_PARTS


def test_executions_and_live_tail_make_no_other_layout_and_live_tail_is_not_kept() -> None:
    other = LogSource.of_action(ACTION.ref, ACTION.point, "e-2")
    assert other.key == ACTION.key != STREAM.key
    assert GROUP.watched(live_tail=True).key == GROUP.key
    assert LogSource.from_data(GROUP.watched(live_tail=True).to_data()) == GROUP


def test_standard_input_cannot_be_opened_another_day() -> None:
    given = LogSource.of_file(Path("/dev/fd/7"))
    assert not given.lasting
    assert not LogSource.merged((given, STREAM)).lasting
    assert given.name == "standard input"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"kind": "shell"},
        {"kind": "stream", "group": 7},
        {"kind": "group", "since_ms": -1},
        {"kind": "group", "since_ms": True},
        {"kind": "group", "live_tail": True},
        {"kind": "stream", "more": "x"},
        {"kind": "stream", "group": "x" * 3000},
        {"kind": "merged"},
        {"kind": "stream", "parts": [{"kind": "stream"}]},
        {"kind": "merged", "parts": [{"kind": "merged", "parts": [{"kind": "stream"}]}]},
        {"kind": "merged", "parts": [{"kind": "stream"}] * 9},
    ],
)
def test_what_is_no_source_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match=r"no source of a log|is not a valid SourceKind"):
        LogSource.from_data(data)


def test_an_object_is_told_from_a_stream() -> None:
    assert EVERY[3].kind is SourceKind.OBJECT
    assert EVERY[3].location.s3_arn == "arn:aws:s3:::logs/1.gz"
