"""What every build fetches again: no cache, or one that is never hit."""

from __future__ import annotations

from statistics import median

from core.age import duration
from core.fact import Fact, Outcome
from core.plans.codebuild import set_project
from core.profile.advice._words import advice_fix, regions_of, worth
from core.profile.build_log import BuildLogFacts
from core.profile.case import Advice, Case
from core.profile.model import Node, PastBuild
from core.profile.spec import SpecFacts

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codebuild/latest/userguide/build-caching.html"
_NOT_READ = Fact(0, "codebuild", "BatchGetProjects", {}, Outcome.ERROR)
_FETCHING = ("INSTALL", "PRE_BUILD")
_ENOUGH = 3
# Where package managers keep what they have downloaded, for root as in CodeBuild's images.
_FOLDERS = (
    ("npm", "/root/.npm/**/*"),
    ("yarn", "/usr/local/share/.cache/yarn/**/*"),
    ("pnpm", "/root/.local/share/pnpm/store/**/*"),
    ("playwright", "/root/.cache/ms-playwright/**/*"),
    ("pip", "/root/.cache/pip/**/*"),
    ("poetry", "/root/.cache/pypoetry/**/*"),
    ("uv", "/root/.cache/uv/**/*"),
    ("mvn", "/root/.m2/**/*"),
    ("gradle", "/root/.gradle/caches/**/*"),
    ("bundle gem", "vendor/bundle/**/*"),
    ("go", "/go/pkg/mod/**/*"),
    ("cargo", "/root/.cargo/registry/**/*"),
    ("dotnet nuget", "/root/.nuget/packages/**/*"),
    ("composer", "/root/.composer/cache/**/*"),
)
# What a cache usually leaves of the time that fetching took: unpacking and checking it.
_USUAL, _LOW, _HIGH = 0.65, 0.55, 1.3  # the share saved; safe share of that; at most, as a multiple


def advise(case: Case) -> list[Advice]:
    """One piece of advice for each project that fetches the same things in every build."""
    return [one for project, nodes in case.projects.items() for one in _of(case, project, nodes)]


def _of(case: Case, project: str, nodes: dict[Node, tuple[PastBuild, ...]]) -> list[Advice]:
    builds = [build for each in nodes.values() for build in each]
    told = case.extras.logs.get(project)
    kind = str(case.extras.project(project).get("cache", {}).get("type") or builds[0].cache or "")
    hit = bool(told and told.hits > told.misses and not told.off)
    if hit or (kind not in ("", "NO_CACHE") and not (told and (told.off or told.misses))):
        return []
    spared, basis, low, high = _spared(case, builds, told.fetch_s if told else None)
    saving = case.saving(dict.fromkeys(nodes, spared), low, high) if spared > 0 else None
    if saving is None or not worth(case, saving.saved_s):
        return []
    spec = case.extras.specs.get(project)
    lines = _lines(case, project, kind)
    fact = case.extras.projects.get(project, _NOT_READ)
    node = next(iter(nodes))
    plan = None
    if kind in ("", "NO_CACHE") and fact.ok:
        plan = set_project(
            case.where,
            fact,
            {"cache": {"type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE", "LOCAL_DOCKER_LAYER_CACHE"]}}
            if case.extras.project(project).get("environment", {}).get("privilegedMode")
            else {"cache": {"type": "LOCAL", "modes": ["LOCAL_CUSTOM_CACHE"]}},
            title=f"Give build project {project} a local cache",
            risk_note="Builds on a host that served one before find its files; the buildspec must name the paths.",
            region=regions_of(case, node),
        )
    return [
        Advice(
            cause="perf.no-cache",
            title=f"Cache what {project} fetches in every build: {duration(saving.saved_s)} saved",
            summary=(
                f"Each build of {project} fetches its dependencies anew. A cache keeps them between builds; "
                "in S3 it serves every build, on the host only those that land there again."
            ),
            saving=saving,
            basis=basis,
            nodes=tuple(nodes),
            lines=lines,
            facts=tuple(n for n in (fact.n, told.fact if told else 0, spec.fact if spec else 0) if n),
            fixes=(
                advice_fix(
                    f"perf.no-cache.{project}",
                    f"Turn on a cache for {project}",
                    plan,
                    (
                        _named(spec, told),
                        "Set the project's cache to S3 (every build) or LOCAL (builds close to each other).",
                        "Look into the next build's log: the line about the cache says whether it was found.",
                    ),
                    _URL,
                ),
            ),
        )
    ]


def _spared(case: Case, builds: list[PastBuild], fetch_s: float | None) -> tuple[float, str, float, float]:
    """Seconds saved a build, how that is known, and its range: from builds with and without one, a log, or phases."""
    cached = [build.phase_s(*_FETCHING) for build in builds if build.cache not in ("", "NO_CACHE")]
    plain = [build.phase_s(*_FETCHING) for build in builds if build.cache == "NO_CACHE"]
    if len(cached) >= _ENOUGH and len(plain) >= _ENOUGH and median(plain) > median(cached):
        return median(plain) - median(cached), f"measured on {len(cached)} builds that had a cache", 0.8, 1.2
    if fetch_s is not None:
        return fetch_s * _USUAL, "estimated from the commands in the newest log", _LOW, _HIGH
    return median(build.phase_s("INSTALL") for build in builds) * _USUAL, case.basis("estimated"), _LOW, _HIGH


def _named(spec: SpecFacts | None, told: BuildLogFacts | None) -> str:
    """What the buildspec needs."""
    if spec and spec.cached:
        return f"Leave `cache: paths:` in {spec.where} as it is: {', '.join(spec.cached[:4])}."
    return f"Add `cache: paths:` to {spec.where if spec else 'the buildspec'}: {_paths(told)}."


def _paths(told: BuildLogFacts | None) -> str:
    """The folders that the package managers seen in the log download into."""
    text = " ".join(each.text for each in told.commands if each.fetches) if told else ""
    found = [path for words, path in _FOLDERS if any(word in text for word in words.split())]
    return ", ".join(dict.fromkeys(found)) or "the folder that the package manager downloads into"


def _lines(case: Case, project: str, kind: str) -> tuple[str, ...]:
    told, spec = case.extras.logs.get(project), case.extras.specs.get(project)
    lines = [f"The project's cache is {kind.replace('NO_CACHE', 'off').lower()}."] if kind else []
    if spec:
        named = (
            f"names {len(spec.cached)} paths to be kept" if spec.cached else "names nothing to be kept between builds"
        )
        lines.append(f"{spec.where[:1].upper()}{spec.where[1:]} {named}.")
    if told:
        fetched = sorted((each for each in told.commands if each.fetches), key=lambda each: -each.seconds)
        lines += [f"`{each.text}` took {duration(each.seconds)} in the newest build." for each in fetched[:3]]
        if told.off and not spec:
            lines.append("The log says that nothing is named to be cached.")
        elif told.misses:
            lines.append(f"The log tells of {told.misses} cache misses and {told.hits} hits.")
    return tuple(lines)
