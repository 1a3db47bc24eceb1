"""What a buildspec says that bears on time: caches, what it stores, whether it builds in parts. Pure.

The text is read line by line (its sections stand at the left edge), not as YAML: what cannot be told is left out.
Source: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.profile.graph import changes_outside

__all__ = ["USUAL", "SpecFacts", "read_spec"]

#: The file that a project builds by where it names none.
USUAL = "buildspec.yml"
_SECTION = re.compile(r"""["']?([\w-]+)["']?\s*:""")
_ITEM = re.compile(r"""\s+-\s+["']?([^"'#]+?)["']?\s*(?:#.*)?$""")
_ALL = frozenset({"**/*", "**", "./**/*", "*"})
_PARTS = re.compile(r"^\s+(?:build-fanout|build-list|build-graph|build-matrix)\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SpecFacts:
    """What a buildspec says.

    Attributes:
        where: how to name it: ``the project's buildspec``, or the file in the source.
        cached: paths that it names to be kept between builds.
        all_stored: the line that stores everything as an artifact; 0 where there is none.
        in_parts: whether it is a batch.
        fact: the number under which it was read.
        acts: whether its commands change something outside of the build.
    """

    where: str
    cached: tuple[str, ...] = ()
    all_stored: int = 0
    in_parts: bool = False
    fact: int = 0
    acts: bool = False


def read_spec(text: str, where: str, fact: int = 0) -> SpecFacts:
    """Return what a buildspec's text says."""
    section, cached, all_stored = "", [], 0
    for number, line in enumerate(text.split("\n"), 1):
        if line and not line[0].isspace() and (found := _SECTION.match(line)):
            section = found[1]
        elif item := _ITEM.match(line):
            if section == "cache":
                cached.append(item[1])
            elif section == "artifacts" and item[1] in _ALL and not all_stored:
                all_stored = number
    return SpecFacts(where, tuple(cached), all_stored, bool(_PARTS.search(text)), fact, changes_outside(text))
