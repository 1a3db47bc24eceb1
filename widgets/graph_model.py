"""What a stage graph shows and where the keys lead in it. No widget in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from widgets.status import Tone


@dataclass(frozen=True, slots=True)
class GraphAction:
    """An action of a stage.

    Attributes:
        name: Unique in the stage.
        provider: Such as `CodeBuild`.
        tone: Its state.
        run_order: Actions with the same number run side by side.
        detail: A few words: duration, revision, what went wrong. May be cut.
    """

    name: str
    provider: str
    tone: Tone
    run_order: int = 1
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GraphTransition:
    """The way into a stage (CodePipeline's inbound transition).

    Attributes:
        enabled: False where it was switched off.
        detail: Who switched it off, when and why.
    """

    enabled: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GraphStage:
    """A stage of a pipeline.

    Attributes:
        name: Unique in the pipeline.
        tone: Its state.
        actions: In the order of their definition.
        transition: The way INTO this stage; None for the first one.
    """

    name: str
    tone: Tone
    actions: tuple[GraphAction, ...] = ()
    transition: GraphTransition | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Something that can be selected: an action of a stage, or the transition into it where `action` is None."""

    stage: str
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An action with what is drawn before it: its run order (on the first of a group) and the joint of the group."""

    action: GraphAction
    order: str
    joint: str
    continues: str


def ordered(stage: GraphStage) -> tuple[Entry, ...]:
    """Sort a stage's actions by run order and give each the joint that shows what runs side by side."""
    entries: list[Entry] = []
    by_order = sorted(stage.actions, key=lambda action: action.run_order)
    for number, group in groupby(by_order, key=lambda action: action.run_order):
        actions = list(group)
        for i, action in enumerate(actions):
            last = i == len(actions) - 1
            joint = "─" if len(actions) == 1 else "┬" if i == 0 else "└" if last else "├"
            entries.append(Entry(action, str(number) if i == 0 else "", joint, " " if last else "│"))
    return tuple(entries)


def spots(stages: Sequence[GraphStage]) -> tuple[Spot, ...]:
    """Give everything that can be selected, in reading order."""
    found: list[Spot] = []
    for stage in stages:
        if stage.transition is not None:
            found.append(Spot(stage.name))
        found.extend(Spot(stage.name, entry.action.name) for entry in ordered(stage))
    return tuple(found)


def start_spot(stages: Sequence[GraphStage]) -> Spot | None:
    """Give where a reader wants to begin: the first failed or stuck action, else a waiting or running one."""
    for wanted in ({Tone.FAILED, Tone.STUCK}, {Tone.WAITING}, {Tone.RUNNING}):
        for stage in stages:
            for entry in ordered(stage):
                if entry.action.tone in wanted:
                    return Spot(stage.name, entry.action.name)
    for stage in stages:
        if stage.transition is not None and not stage.transition.enabled:
            return Spot(stage.name)
    every = spots(stages)
    return every[0] if every else None


def across(stages: Sequence[GraphStage], spot: Spot, step: int) -> Spot:
    """Give the spot to the right (`step` 1) or left (-1): action → transition → the next stage's action at the row."""
    columns: list[list[Spot]] = []
    for stage in stages:
        if stage.transition is not None:
            columns.append([Spot(stage.name)])
        if stage.actions:
            columns.append([Spot(stage.name, entry.action.name) for entry in ordered(stage)])
    at = next((i for i, column in enumerate(columns) if spot in column), None)
    if at is None:
        return spot
    target = at + step
    if not 0 <= target < len(columns):
        return spot
    row = columns[at].index(spot)
    return columns[target][min(row, len(columns[target]) - 1)]


def along(stages: Sequence[GraphStage], spot: Spot, step: int, *, whole: bool) -> Spot:
    """Give the spot below (`step` 1) or above (-1): within the stage, or through the whole graph where `whole`."""
    every = spots(stages)
    if not whole:
        every = tuple(s for s in every if s.stage == spot.stage and s.action is not None)
    if spot not in every:
        return spot
    return every[min(max(every.index(spot) + step, 0), len(every) - 1)]
