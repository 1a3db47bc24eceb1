"""Build environments that take long to come: image, network, compute."""

from __future__ import annotations

from statistics import median

from core.age import duration
from core.profile.advice._words import by_hand, worth
from core.profile.case import Advice, Case
from core.profile.model import Node, PastBuild

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html"
_USUAL_S = 12.0  # PROVISIONING of a curated image without a network of one's own
_SLOW_S = 30.0


def advise(case: Case) -> list[Advice]:
    """One piece of advice for each project whose environment comes late."""
    return [one for project, nodes in case.projects.items() for one in _of(case, project, nodes)]


def _of(case: Case, project: str, nodes: dict[Node, tuple[PastBuild, ...]]) -> list[Advice]:
    waits = {node: median(build.phase_s("PROVISIONING") for build in builds) for node, builds in nodes.items()}
    slowest = max(waits.values())
    if slowest < _SLOW_S:
        return []
    saving = case.saving({node: max(wait - _USUAL_S, 0.0) for node, wait in waits.items()}, 0.3, 1.0)
    if saving is None or not worth(case, saving.saved_s):
        return []
    newest = next(iter(nodes.values()))[0]
    steps, lines = _ways(case, project, newest)
    return [
        Advice(
            cause="perf.provisioning",
            title=f"Builds of {project} wait {duration(slowest)} for their machine: {duration(saving.saved_s)} to save",
            summary=(
                f"PROVISIONING takes {duration(slowest)}; with an image that CodeBuild keeps ready it is about "
                f"{duration(_USUAL_S)}."
            ),
            saving=saving,
            basis=case.basis("measured"),
            nodes=tuple(nodes),
            lines=lines,
            facts=tuple(fact.n for fact in (case.facts.get(f"image:{project}"),) if fact),
            fixes=(by_hand(f"perf.provisioning.{project}", "Make the environment come sooner", steps, _URL),),
        )
    ]


def _ways(case: Case, project: str, newest: PastBuild) -> tuple[tuple[str, ...], tuple[str, ...]]:
    held = case.facts.get(f"image:{project}")
    size = held.get("imageDetails", 0, "imageSizeInBytes") if held else None
    large = f", {size / 1e9:.1f} GB packed" if isinstance(size, int | float) and size else ""
    steps, lines = [], [f"Image: {newest.image}{large}"] if newest.image else []
    if newest.image and not newest.image.startswith("aws/codebuild/"):
        steps.append("Make the image smaller, or use a curated image: CodeBuild keeps those on its machines.")
        steps.append("Keep the image in ECR in the build's own region.")
    if case.extras.project(project).get("vpcConfig", {}).get("vpcId"):
        lines.append("The project builds in a VPC, which adds the making of a network interface.")
        steps.append("Take the project out of the VPC where it needs nothing inside.")
    if newest.compute in ("BUILD_GENERAL1_2XLARGE", "BUILD_GENERAL1_XLARGE") or "GPU" in newest.environment:
        steps.append("Large machines come more slowly: use a smaller type, or reserved capacity.")
    steps.append("Use reserved capacity (machines that stay), or Lambda compute for short builds without docker.")
    return tuple(steps), tuple(lines)
