"""Builds bound by their compute type, by what CodeBuild publishes of processors and memory, or by one long phase."""

from __future__ import annotations

from statistics import median

from core.age import duration
from core.fact import Fact, Outcome
from core.plans.codebuild import set_environment
from core.profile.advice._words import advice_fix, by_hand, regions_of, worth
from core.profile.case import Advice, Case
from core.profile.model import Node, PastBuild, label
from core.profile.prices import NEXT_COMPUTE, prices

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html"
_TESTS_URL = "https://docs.aws.amazon.com/codebuild/latest/userguide/parallel-test.html"
_NOT_READ = Fact(0, "codebuild", "BatchGetProjects", {}, Outcome.ERROR)
_WORK = ("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD")
_BUSY, _FULL, _IDLE = 80.0, 90.0, 25.0  # per cent
# With twice the processors, work that is bound by them takes this share less: half of it runs side by side.
_USUAL, _LOW, _HIGH = 0.25, 0.4, 1.8
_LONG_S = 120.0
_BOUND = 0.6  # of the build in one phase
_SPLIT_SHARE, _SPLIT_LOW, _SPLIT_HIGH = 0.4, 0.4, 1.5  # tests in two parts


def advise(case: Case) -> list[Advice]:
    """A larger type where the machine is used up, a smaller one where it idles, parts where tests are long."""
    found: list[Advice] = []
    for project, nodes in case.projects.items():
        usage = case.extras.usage.get(project)
        if usage is not None and usage.cpu is not None:
            if usage.cpu >= _BUSY or (usage.memory_peak or 0.0) >= _FULL:
                found += _larger(case, project, nodes)
            elif usage.cpu <= _IDLE and (usage.memory_peak or 100.0) <= _IDLE * 2:
                found += _smaller(case, project, nodes)
        for node, builds in nodes.items():
            if case.actions[node].category == "Test":
                found += _tests(case, node, builds)
    return found


def _larger(case: Case, project: str, nodes: dict[Node, tuple[PastBuild, ...]]) -> list[Advice]:
    node, builds = next(iter(nodes.items()))
    newest, usage = builds[0], case.extras.usage[project]
    larger = NEXT_COMPUTE.get(newest.compute, "")
    if not larger:
        return []
    less = {each: median(build.phase_s(*_WORK) for build in held) * _USUAL for each, held in nodes.items()}
    saving = case.saving(less, _LOW, _HIGH)
    if saving is None or not worth(case, saving.saved_s):
        return []
    fact = case.extras.projects.get(project, _NOT_READ)
    plan = (
        set_environment(case.where, fact, {"computeType": larger}, region=regions_of(case, node)) if fact.ok else None
    )
    before, after = _costs(case, nodes, larger, less)
    memory = f", memory up to {usage.memory_peak:.0f} %" if usage.memory_peak is not None else ""
    return [
        Advice(
            cause="perf.compute-small",
            title=f"Give {project} {_short(larger)}, not {_short(newest.compute)}: {duration(saving.saved_s)} saved",
            summary=(
                f"Builds of {project} use their machine up ({usage.cpu or 0:.0f} % of its processors on average"
                f"{memory}). How much a larger one helps depends on how much of the work runs side by side; "
                "try it on one build."
            ),
            saving=saving,
            basis="estimated from utilisation over two weeks",
            nodes=tuple(nodes),
            facts=(usage.fact, *((fact.n,) if fact.n else ())),
            fixes=(
                advice_fix(
                    f"perf.compute-small.{project}",
                    f"Set the compute type to {_short(larger)}",
                    plan,
                    ("Start one build with a computeTypeOverride first and compare.", "Then change the project."),
                    _URL,
                ),
            ),
            cost_before=before,
            cost_after=after,
        )
    ]


def _costs(
    case: Case, nodes: dict[Node, tuple[PastBuild, ...]], compute: str, less: dict[Node, float]
) -> tuple[float | None, float | None]:
    """The project's cost in one execution, before and after; None where a price is not known."""
    table = prices()
    before = after = 0.0
    for node, builds in nodes.items():
        old = [cost for build in builds if (cost := table.build(build)) is not None]
        rate = table.minute(builds[0].environment or "LINUX_CONTAINER", compute)
        if not old or rate is None:
            return (median(old) if old else None), None
        before += median(old)
        after += rate * max((case.usual_s(node) - less[node]) / 60.0, 1.0)
    return before, after


def _smaller(case: Case, project: str, nodes: dict[Node, tuple[PastBuild, ...]]) -> list[Advice]:
    newest, usage = next(iter(nodes.values()))[0], case.extras.usage[project]
    smaller = next((small for small, large in NEXT_COMPUTE.items() if large == newest.compute), "")
    before, after = _costs(case, nodes, smaller, dict.fromkeys(nodes, 0.0)) if smaller else (None, None)
    if before is None or after is None or after >= before:
        return []
    return [
        Advice(
            cause="perf.compute-small",
            title=f"{project} would do with {_short(smaller)}: half the price a minute, no time saved",
            summary=(
                f"Its builds use {usage.cpu or 0:.0f} % of their processors on average and at most "
                f"{usage.memory_peak or 0:.0f} % of their memory. A smaller machine may take a little longer."
            ),
            basis="estimated from utilisation over two weeks",
            nodes=tuple(nodes),
            facts=(usage.fact,),
            fixes=(
                by_hand(
                    f"perf.compute-large.{project}", "Try one build on the smaller type", ("Compare times.",), _URL
                ),
            ),
            cost_before=before,
            cost_after=after,
        )
    ]


def _tests(case: Case, node: Node, builds: tuple[PastBuild, ...]) -> list[Advice]:
    """Tests that fill one long phase could run in parts."""
    told, spec = case.extras.logs.get(builds[0].project), case.extras.specs.get(builds[0].project)
    if spec and spec.in_parts:
        return []
    fetching = sum(each.seconds for each in told.commands if each.fetches and each.phase == "BUILD") if told else 0.0
    longest = median(build.phase_s("BUILD") for build in builds) - fetching
    if longest < _LONG_S or longest < _BOUND * case.usual_s(node):
        return []
    saving = case.saving({node: longest * _SPLIT_SHARE}, _SPLIT_LOW, _SPLIT_HIGH)
    if saving is None or not worth(case, saving.saved_s):
        return []
    return [
        Advice(
            cause="perf.compute-small",
            title=f"Split the tests of {label(node)} into two builds: {duration(saving.saved_s)} saved",
            summary=(
                f"Tests take {duration(longest)} of its {duration(case.usual_s(node))}. "
                "In a batch build CodeBuild divides test files over several machines."
            ),
            saving=saving,
            basis=case.basis("estimated"),
            nodes=(node,),
            fixes=(
                by_hand(
                    f"perf.tests-in-parts.{node[1]}",
                    "Run the tests in parts",
                    (
                        "Add `batch: build-fanout: parallelism: 2` to the buildspec.",
                        "Run the tests through `codebuild-tests-run --files-search … --test-command …`.",
                        "Set BatchEnabled and CombineArtifacts in the action's configuration.",
                    ),
                    _TESTS_URL,
                ),
            ),
        )
    ]


def _short(compute: str) -> str:
    return compute.removeprefix("BUILD_").lower().replace("_", ".")
