"""Steps of an image's build in a log, and the outline made of them."""

from __future__ import annotations

from tui.logs.outline_rows import outline_rows
from tui.logs.phases import PhaseLine
from tui.logs.steps import Step, StepFinder
from widgets.log_store import LogStore

BUILDKIT = [
    "#1 [internal] load build definition from Dockerfile",
    "#1 DONE 0.0s",
    "#5 [stage-1  1/3] FROM docker.io/library/node",
    "#5 CACHED",
    "#6 [stage-1  2/3] RUN npm ci",
    "#6 0.310 npm warn deprecated",
    "#7 [final  3/3] COPY . .",
    "#6 [stage-1  2/3] RUN npm ci",
    "#6 12.10 done",
    "#6 DONE 12.4s",
    '#7 ERROR: "/dist": not found',
    "## not a step",
    "#8 exporting to image",
]
CLASSIC = [
    "Step 1/2 : FROM node",
    " ---> 1a2b",
    "Step 2/2 : RUN make",
    "The command '/bin/sh -c make' returned a non-zero code: 2",
]


def test_steps_of_buildkit_are_found_once_wherever_the_log_was_cut() -> None:
    for cut in range(len(BUILDKIT) + 1):
        store, finder = LogStore(), StepFinder()
        for part in (BUILDKIT[:cut], BUILDKIT[cut:]):
            store.append(part)
            finder.look(store)
        assert finder.steps == [
            Step("1/3 FROM docker.io/library/node", 2, "SUCCEEDED", None, cached=True),
            Step("2/3 RUN npm ci", 4, "SUCCEEDED", 12.4),
            Step("final 3/3 COPY . .", 6, "FAILED"),
            Step("exporting to image", 12),
        ]
        assert not finder.look(store)


def test_steps_of_the_classic_builder_take_their_time_from_the_lines() -> None:
    store, finder = LogStore(), StepFinder()
    store.append(CLASSIC, [1_000, 1_100, 3_500, 9_500])
    finder.look(store)
    assert finder.steps == [Step("1/2 FROM node", 0, "SUCCEEDED", 2.5), Step("2/2 RUN make", 2, "FAILED", 6.0)]


def test_a_second_image_begins_its_numbers_anew() -> None:
    store, finder = LogStore(), StepFinder()
    store.append([*BUILDKIT[2:4], "#5 [1/1] FROM alpine", "#5 DONE 1.0s"])
    finder.look(store)
    assert [(step.name, step.duration_s) for step in finder.steps] == [
        ("1/3 FROM docker.io/library/node", None),
        ("1/1 FROM alpine", 1.0),
    ]


def test_steps_stand_within_their_phase_with_secrets_masked() -> None:
    phases = [PhaseLine("QUEUED", None, "SUCCEEDED", 1.0), PhaseLine("INSTALL", 1), PhaseLine("BUILD", 10, "FAILED")]
    steps = [Step("1/2 a", 2, "SUCCEEDED", 3.0), Step("2/2 RUN x --token=abc", 12, "FAILED")]
    rows = outline_rows(phases, steps, lambda text: text.replace("abc", "********"))
    assert [(row.name, row.line) for row in rows] == [
        ("queued", None),
        ("install", 1),
        ("  1/2 a", 2),
        ("build", 10),
        ("  2/2 RUN x --token=********", 12),
    ]
    assert [row.name for row in outline_rows([], steps[:1], str)] == ["  1/2 a"]
