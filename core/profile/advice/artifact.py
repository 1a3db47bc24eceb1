"""Artifacts that are larger than what follows needs."""

from __future__ import annotations

from statistics import median

from core.age import duration
from core.profile.advice._words import by_hand, worth
from core.profile.case import Advice, Case
from core.profile.extras import ArtifactSize
from core.profile.model import Node, label
from core.zip_list import HEAPS, Folder

__all__ = ["advise"]

_URL = "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts"
_LARGE = 20_000_000  # bytes
_LEAST_HEAP = 1_000_000
_FIXED_S = 2.0  # of a transfer phase that no smaller artifact makes shorter


def advise(case: Case) -> list[Advice]:
    """One piece of advice for each large artifact."""
    makers = {name: node for node, declared in case.actions.items() for name in declared.outputs}
    found = []
    for name, held in case.extras.artifacts.items():
        if held.size >= _LARGE and name in makers:
            found += _of(case, held, makers[name])
    return found


def _of(case: Case, held: ArtifactSize, maker: Node) -> list[Advice]:
    readers = [node for node, declared in case.actions.items() if held.name in declared.inputs]
    heaps = [each for each in held.folders if _heap(each) and each.size >= _LEAST_HEAP]
    share = sum(each.size for each in heaps) / held.size if held.size else 0.0
    likely = share or 0.3
    less = {
        maker: _moving(case, maker, "UPLOAD_ARTIFACTS") * likely,
        **{node: _moving(case, node, "DOWNLOAD_SOURCE") * likely for node in readers},
    }
    saving = case.saving(less, 0.7 if share else 0.0, 1.0 / likely if likely < 0.95 else 1.05)
    moved = sum(less.values()) / likely
    project = next((build.project for build in case.builds_of(maker)), "")
    spec = case.extras.specs.get(project)
    stored = (f"{spec.where}, line {spec.all_stored}, stores everything.",) if spec and spec.all_stored else ()
    if saving is None or not worth(case, saving.saved_s):
        return []
    return [
        Advice(
            cause="perf.large-artifact",
            title=f"Make {held.name} smaller ({_megabytes(held.size)}): {duration(saving.saved_s)} saved",
            summary=(
                f"{label(maker)} stores {_megabytes(held.size)} and {len(readers)} action"
                f"{'s fetch' if len(readers) != 1 else ' fetches'} it again; packing and moving it takes "
                f"{duration(moved)} of every execution. What follows hardly needs all of it."
            ),
            saving=saving,
            basis="estimated from transfer phases and " + ("the archive's index" if heaps else "its size"),
            nodes=(maker, *readers),
            lines=(*stored, *(_line(each, held.size) for each in (heaps or held.folders)[:5])),
            facts=(*held.facts, *((spec.fact,) if stored and spec else ())),
            fixes=(
                by_hand(
                    f"perf.large-artifact.{held.name}",
                    f"Name in the buildspec what {held.name} must hold",
                    (
                        f"In {spec.where if spec else 'the buildspec'}, name under `artifacts` what is read later.",
                        *(f"Leave out {each.name}: {HEAPS[_heap(each)]}." for each in heaps[:4]),
                        "Use a secondary artifact where two actions need different parts.",
                    ),
                    _URL,
                ),
            ),
        )
    ]


def _heap(folder: Folder) -> str:
    """The part of a folder's name that is known to be needless."""
    return next((part for part in folder.name.split("/") if part in HEAPS), "")


def _moving(case: Case, node: Node, phase: str) -> float:
    """Seconds of an action that grow with the artifact; of actions that are no build nothing is known."""
    builds = case.builds_of(node)
    return max(median(build.phase_s(phase) for build in builds) - _FIXED_S, 0.0) if builds else 0.0


def _line(folder: Folder, whole: int) -> str:
    why = HEAPS.get(_heap(folder), "")
    share = f"{folder.size / whole:.0%}".replace("%", " %") if whole else ""
    files = f"{folder.files} file{'' if folder.files == 1 else 's'}"
    words = f"{folder.name}: {_megabytes(folder.size)} ({share}), {files}"
    return f"{words}: {why}" if why else words


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
