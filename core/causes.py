"""The vocabulary of root causes: every finding names one of these ids, in JSON output and in playbooks.

The words stand in ``core/data/causes.toml``. An id is a public interface and is never renamed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["CAUSES", "Cause"]


@dataclass(frozen=True, slots=True)
class Cause:
    """One root cause of the vocabulary.

    Attributes:
        id: ``family.name``, for example ``build.env-secret``.
        title: a few words for people.
        meaning: one sentence that says what falls under it.
        family: the part of the id before the dot.
        link: address of AWS's own page on it.
        next: what to check or do, the most useful first.
        playbooks: ids of the playbooks that check it, the best first.
        symptom_of: causes, or families as ``build.*`` or ``*``, that are likelier to lie underneath when seen too.
        yields_easily: whether it stands back even behind one that is less sure.
        otherwise: providers of whose failed actions hardly more than this can be said when nothing else is known.
        often: causes that most often turn out to lie behind it where the text tells nothing, the likeliest first.
    """

    id: str
    title: str
    meaning: str
    family: str
    link: str
    next: tuple[str, ...] = ()
    playbooks: tuple[str, ...] = ()
    symptom_of: tuple[str, ...] = ()
    yields_easily: bool = False
    otherwise: tuple[str, ...] = ()
    often: tuple[str, ...] = ()

    def yields_to(self, other: str) -> bool:
        """Whether the other cause, when it is seen too, is likelier to lie underneath this one."""
        if other == self.id:
            return False
        return any(
            pattern in {"*", other} or (pattern.endswith(".*") and other.startswith(pattern[:-1]))
            for pattern in self.symptom_of
        )


@cache
def _load() -> dict[str, Cause]:
    text = files("core").joinpath("data", "causes.toml").read_text("utf-8")
    return {
        name: Cause(
            id=name,
            title=row["title"],
            meaning=row["meaning"],
            family=name.partition(".")[0],
            link=row["link"],
            next=tuple(row["next"]),
            playbooks=tuple(row["playbooks"]),
            symptom_of=tuple(row.get("symptom_of", ())),
            yields_easily=bool(row.get("yields_easily", False)),
            otherwise=tuple(row.get("otherwise", ())),
            often=tuple(row.get("often", ())),
        )
        for name, row in tomllib.loads(text).items()
    }


class _Causes(Mapping[str, Cause]):
    """The causes by id, read when first asked for one."""

    def __getitem__(self, key: str) -> Cause:
        return _load()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(_load())

    def __len__(self) -> int:
        return len(_load())


#: Every cause by its id, in the vocabulary's order.
CAUSES: Mapping[str, Cause] = _Causes()
