"""What a watch says, and how often it asks: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.errors import PipemedicError
from core.pipeline import ActionState, Execution, PipelineSnapshot, PipelineState
from core.place import PipelineRef, Place

__all__ = [
    "FleetEvent",
    "Listed",
    "PlaceFailed",
    "PollPolicy",
    "QueueSaid",
    "Read",
    "fingerprint",
    "interval_s",
    "is_moving",
    "statuses",
]

# While events tell what happens, reads only repair: at most this often, and at this cost (s; calls a second and place).
_SWEEP_S, _SWEEP_PER_S = 900.0, 0.08
_SWEEP_SHARES = (0.15, 0.15, 0.5)


@dataclass(frozen=True, slots=True)
class Listed:
    """The pipelines there are in a place, at a time (epoch seconds)."""

    place: Place
    refs: tuple[PipelineRef, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Read:
    """One pipeline was read; what failed, if anything did, stands in the snapshot, beside the last state known.

    `history` has its latest executions, newest first, where they were read.
    """

    snapshot: PipelineSnapshot
    history: tuple[Execution, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceFailed:
    """A place cannot be read at present; it is tried again at `retry_at` (epoch seconds)."""

    place: Place
    error: PipemedicError
    retry_at: float


@dataclass(frozen=True, slots=True)
class QueueSaid:
    """How a queue of state changes stands, for the places it speaks of.

    Attributes:
        error: why it cannot be read; its places are polled meanwhile, and it is tried again at `retry_at`.
        skipped: messages so far that could not be used.
        note: what else the user should know; empty while all is well.
    """

    places: tuple[Place, ...]
    error: PipemedicError | None = None
    retry_at: float | None = None
    skipped: int = 0
    note: str = ""


FleetEvent = Listed | Read | PlaceFailed | QueueSaid


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """How often to read, in seconds.

    Attributes:
        moving_s: a pipeline that runs.
        waiting_s: one that waits for an approval.
        visible_s: an idle one on the screen.
        idle_s: an idle one.
        listing_s: the list of pipelines.
        retry_s: a place that failed, at first; doubled up to `retry_most_s`.
        in_flight: reads of one place side by side.
        history: executions read for the usual duration.
        state_first: read all states before any executions but those of rows on the screen, or in trouble or motion.
        steady_per_s: calls a second and place that watching may cost once everything was read; what is many is read
            more rarely.
        shares: of that, for what runs, what is on the screen, the rest.
    """

    moving_s: float = 2.5
    waiting_s: float = 10.0
    visible_s: float = 10.0
    idle_s: float = 45.0
    listing_s: float = 60.0
    retry_s: float = 3.0
    retry_most_s: float = 30.0
    in_flight: int = 32  # more would only make the screen wait: an answer costs 1.5 ms of the event loop
    history: int = 25
    state_first: bool = False
    steady_per_s: float = 2.0
    shares: tuple[float, float, float] = (0.4, 0.2, 0.2)

    def eased(self, trust: float) -> PollPolicy:
        """Return this policy with pauses between its own (trust 0) and those of repairing sweeps (trust 1)."""
        if trust <= 0:
            return self

        def between(own: float, swept: float) -> float:
            return own if own >= swept else own * (swept / own) ** trust

        return replace(
            self,
            moving_s=between(self.moving_s, _SWEEP_S),
            waiting_s=between(self.waiting_s, _SWEEP_S),
            visible_s=between(self.visible_s, _SWEEP_S),
            idle_s=between(self.idle_s, _SWEEP_S),
            listing_s=between(self.listing_s, _SWEEP_S),
            steady_per_s=self.steady_per_s * min(1.0, _SWEEP_PER_S / self.steady_per_s) ** trust,
            shares=_SWEEP_SHARES,
        )

    def paced(self, *, moving: int, visible: int, idle: int) -> PollPolicy:
        """Return this policy with pauses stretched so that so many pipelines keep within `steady_per_s`."""
        for_moving, for_visible, for_idle = self.shares

        def pause_s(wanted_s: float, many: int, free: int, share: float) -> float:
            return max(wanted_s, (many - free) / (self.steady_per_s * share))

        return replace(
            self,
            moving_s=pause_s(self.moving_s, moving, 2, for_moving),
            visible_s=pause_s(self.visible_s, visible, 4, for_visible),
            idle_s=pause_s(self.idle_s, idle, 20, for_idle),
        )


def fingerprint(state: PipelineState) -> tuple[object, ...]:
    """Return what changes when an execution begins, moves or ends."""
    return tuple(
        (
            stage.name,
            stage.status,
            stage.execution_id,
            stage.inbound,
            *((one.status, one.changed_at) for one in stage.actions),
        )
        for stage in state.stages
    )


def statuses(state: PipelineState) -> tuple[object, ...]:
    """Return what an event and a read say alike: who is in each stage, and how stages and actions stand."""
    return tuple(
        (stage.name, stage.status, stage.execution_id, tuple((one.name, one.status) for one in stage.actions))
        for stage in state.stages
    )


def is_moving(state: PipelineState) -> bool:
    """Whether something runs that is not merely waiting for a person."""
    return any(stage.status in {"InProgress", "Stopping"} and not _only_waits(stage.actions) for stage in state.stages)


def _only_waits(actions: tuple[ActionState, ...]) -> bool:
    running = [action for action in actions if action.status == "InProgress"]
    return bool(running) and all(action.token for action in running)


def interval_s(policy: PollPolicy, state: PipelineState | None, execution: Execution | None, *, visible: bool) -> float:
    """Return how long a pipeline's state may stand before it is read again."""
    if state is None:
        return policy.visible_s if visible else policy.idle_s
    running = any(stage.status in {"InProgress", "Stopping"} or stage.inbound for stage in state.stages)
    if is_moving(state) or (execution is not None and execution.status == "Stopping"):
        return policy.moving_s
    if running:
        return policy.waiting_s
    return policy.visible_s if visible else policy.idle_s
