"""All that must hold of a knowledge base: what `pipemedic explain --check` and the tests go through."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.signatures.base import KnowledgeBase
from core.signatures.entry import Mark, Signature
from core.signatures.safety import fault_of

__all__ = ["faults"]

_PLACES = re.compile(r"\{(\w{1,40})\}")


def faults(base: KnowledgeBase) -> Iterator[str]:
    """Yield what is wrong, each with file and entry: patterns, examples, counter-examples, sources, summaries."""
    ids = [entry.id for entry in base.signatures]
    for index, entry in enumerate(base.signatures):
        yield from _patterns(entry)
        yield from _examples(entry)
        for text in entry.example:
            if index not in dict(base.candidates(text.lower())):
                yield f"{entry.origin}: no literal of its patterns is in {text!r}, so a log would be read past it"
        if not entry.source.startswith("https://"):
            yield f"{entry.origin}: the source of the fact is no address"
        groups = {name for pattern in entry.patterns for name in pattern.groupindex}
        for name in _PLACES.findall(entry.say):
            if name not in groups:
                yield f"{entry.origin}: say names {{{name}}}, which no pattern extracts"
    for mark in (*base.noise, *base.recoveries):
        yield from _patterns(mark)
        yield from _examples(mark)
        for start in mark.clears:
            if not any(name.startswith(start) for name in ids):
                yield f"{mark.origin}: clears {start!r}, with which no id begins"


def _patterns(entry: Signature | Mark) -> Iterator[str]:
    for pattern in (*entry.match, *(entry.unless if isinstance(entry, Signature) else ())):
        if fault := fault_of(pattern):
            yield f"{entry.origin}: {fault} in pattern {pattern!r}"


def _examples(entry: Signature | Mark) -> Iterator[str]:
    for text in entry.example:
        if not entry.search(text):
            yield f"{entry.origin}: does not match its example {text!r}"
    for text in entry.counter:
        if entry.search(text):
            yield f"{entry.origin}: matches its counter-example {text!r}"
