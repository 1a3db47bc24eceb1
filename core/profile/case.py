"""What advice is given on: history and structure, what else was read, and what shorter actions would save. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import median
from types import MappingProxyType

from core.age import duration
from core.fact import Fact
from core.finding import Fix
from core.pipeline import ActionDecl, Definition
from core.place import PipelineRef
from core.plans.setting import Where
from core.profile.arrange import Place, places_of
from core.profile.extras import Extras
from core.profile.graph import Graph, graph_of
from core.profile.model import ActionRun, History, Node, PastBuild, PastRun
from core.profile.numbers import percentile
from core.profile.prices import prices
from core.profile.replay import fits, simulated_s

__all__ = ["Advice", "Case", "Saving"]

_MOST_REPLAYS = 200
_LEAST_DOLLARS = 0.0005
_NOTHING: Mapping[Node, float] = MappingProxyType({})
_NO_FACTS: Mapping[str, Fact] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Saving:
    """Seconds saved on the median execution, with an honest range; `less` is by how much which actions get shorter."""

    saved_s: float
    low_s: float
    high_s: float
    less: Mapping[Node, float] = field(default_factory=lambda: _NOTHING)

    @property
    def span(self) -> str:
        """The range in words: ``between 2m and 4m``, ``4m at most``."""
        if self.low_s < 1.0:
            return f"{duration(self.high_s)} at most"
        return f"between {duration(self.low_s)} and {duration(self.high_s)}"


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that would make the pipeline shorter, or steadier.

    Attributes:
        cause: an id of the vocabulary, ``perf.…``.
        title: one line with names and the figure.
        summary: why, in two or three sentences.
        saving: what it saves; None where that cannot be said.
        basis: how the figure came about: ``replayed``, ``measured`` or ``estimated``, and on how many executions.
        nodes: the actions it is about.
        lines: what it rests on, one sentence each.
        facts: numbers of facts read for it.
        fixes: how to do it; an automatic one goes through the wizard.
        cost_before: US dollars of builds and action minutes of a median execution; `cost_after` with the advice taken.
    """

    cause: str
    title: str
    summary: str
    saving: Saving | None = None
    basis: str = ""
    nodes: tuple[Node, ...] = ()
    lines: tuple[str, ...] = ()
    facts: tuple[int, ...] = ()
    fixes: tuple[Fix, ...] = ()
    cost_before: float | None = None
    cost_after: float | None = None

    @property
    def saved_s(self) -> float:
        """Seconds saved on the median execution; 0 where that cannot be said."""
        return self.saving.saved_s if self.saving else 0.0


@dataclass(frozen=True)
class Case:
    """Everything a rule may look at.

    Attributes:
        ref: the pipeline; `account` where it lies.
        facts: what was read beside the history, by name; ``pipeline`` is GetPipeline.
        shut: stages whose way in is disabled now.
    """

    ref: PipelineRef
    account: str
    definition: Definition
    history: History
    extras: Extras = field(default_factory=Extras)
    facts: Mapping[str, Fact] = field(default_factory=lambda: _NO_FACTS)
    shut: frozenset[str] = frozenset()

    @property
    def where(self) -> Where:
        """For which pipeline, and by whom, a change is planned."""
        return Where.of(self.ref, self.account)

    @cached_property
    def graph(self) -> Graph:
        """What the structure's actions need."""
        return graph_of(self.definition, self.shut, acting=self._acting)

    @cached_property
    def wider_graph(self) -> Graph:
        """The same without what only a person can release: waves, and targets of one stage."""
        return graph_of(self.definition, self.shut, waves=False, acting=self._acting)

    @property
    def _acting(self) -> frozenset[Node]:
        """Builds whose buildspecs deploy, publish or migrate; a test that migrates does so for itself."""
        return frozenset(
            node
            for node, declared in self.actions.items()
            if declared.provider == "CodeBuild"
            and declared.category != "Test"
            and (spec := self.extras.specs.get(declared.configuration.get("ProjectName", "")))
            and spec.acts
        )

    @cached_property
    def places(self) -> dict[Node, Place]:
        """Where each action stands."""
        return places_of(self.definition)

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages' names in their order."""
        return tuple(stage.name for stage in self.definition.stages)

    @cached_property
    def actions(self) -> dict[Node, ActionDecl]:
        """All actions as declared."""
        return {(stage.name, each.name): each for stage in self.definition.stages for each in stage.actions}

    @cached_property
    def replayable(self) -> tuple[PastRun, ...]:
        """The newest good executions that ran exactly the present actions, once each."""
        return tuple(run for run in self.history.runs if fits(run, self.places))[:_MOST_REPLAYS]

    @cached_property
    def median_s(self) -> float:
        """How long a good execution usually takes; 0 where none is known."""
        good = [run.took_s for run in self.history.good]
        return median(good) if good else 0.0

    @cached_property
    def runs_of(self) -> dict[Node, tuple[ActionRun, ...]]:
        """Successful runs of each action, newest first."""
        found: dict[Node, list[ActionRun]] = {}
        for run in self.history.runs:
            for action in run.actions:
                if action.status == "Succeeded":
                    found.setdefault(action.node, []).append(action)
        return {node: tuple(runs) for node, runs in found.items()}

    def usual_s(self, node: Node) -> float:
        """An action's median duration; 0 where it never ran to its end."""
        runs = self.runs_of.get(node, ())
        return median(run.took_s for run in runs) if runs else 0.0

    def builds_of(self, node: Node) -> tuple[PastBuild, ...]:
        """The builds of an action's successful runs, newest first."""
        found = (self.history.build_of(run) for run in self.runs_of.get(node, ()))
        return tuple(build for build in found if build is not None and build.status == "SUCCEEDED")

    def built(self) -> tuple[tuple[Node, tuple[PastBuild, ...]], ...]:
        """The actions that build, with their builds."""
        return tuple((node, builds) for node in self.actions if (builds := self.builds_of(node)))

    @cached_property
    def projects(self) -> dict[str, dict[Node, tuple[PastBuild, ...]]]:
        """The actions that build, with their builds, by the project that builds now."""
        found: dict[str, dict[Node, tuple[PastBuild, ...]]] = {}
        for node, builds in self.built():
            found.setdefault(builds[0].project, {})[node] = builds
        return found

    def saving(self, less: Mapping[Node, float], low: float = 1.0, high: float = 1.0) -> Saving | None:
        """Return what shorter actions save in the replay; None where nothing could be replayed or saved.

        Args:
            less: seconds by which actions would be shorter, as it is likeliest.
            low: the share of it that is safe to expect.
            high: what it may come to, as a multiple.
        """
        amounts = [self._spared(less, factor) for factor in (1.0, low, high)]
        if not amounts[0]:
            return None
        middle = median(amounts[0])
        if middle < 1.0:
            return None
        return Saving(
            middle,
            min(max(percentile(amounts[1], 0.1), 0.0), middle),
            max(percentile(amounts[2], 0.9), middle),
            less,
        )

    def priced(self, advice: Advice) -> Advice:
        """Return advice on shorter actions with what an execution costs before and after, where that changes."""
        less = advice.saving.less if advice.saving else _NOTHING
        if not less or advice.cost_before is not None:
            return advice
        table, v2 = prices(), self.definition.pipeline_type == "V2"
        before = self.cost(lambda run: table.run(run, self.history, v2=v2))
        after = self.cost(lambda run: table.run(run, self.history, v2=v2, less=less))
        if before is None or after is None or before - after < _LEAST_DOLLARS:
            return advice
        return replace(advice, cost_before=before, cost_after=after)

    def _spared(self, less: Mapping[Node, float], factor: float) -> list[float]:
        given = {node: seconds * factor for node, seconds in less.items()}
        return [
            before - simulated_s(run, self.stages, self.places, less=given)
            for run, before in zip(self.replayable, self._simulated, strict=True)
        ]

    @cached_property
    def _simulated(self) -> tuple[float, ...]:
        """What each replayable execution takes in the model as it is."""
        return tuple(simulated_s(run, self.stages, self.places) for run in self.replayable)

    def basis(self, word: str) -> str:
        """``replayed on 40 executions``."""
        return f"{word} on {len(self.replayable)} execution{'' if len(self.replayable) == 1 else 's'}"

    def cost(self, of: Callable[[PastRun], float | None]) -> float | None:
        """The median cost of the executions that can be replayed; None where a price is not known."""
        found = [of(run) for run in self.replayable]
        known = [each for each in found if each is not None]
        return median(known) if known and len(known) == len(found) else None


Rule = Callable[[Case], Sequence[Advice]]
