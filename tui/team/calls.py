"""Holds the calls of a playbook against AWS's service models: what only a check by hand is given the time for."""

from __future__ import annotations

from collections.abc import Iterator

from aws.service_models import faults_of_call
from tui.team.document import Mistake, NotReadable, read_bytes, read_document
from tui.team.load import Read

__all__ = ["faults_of_calls"]


def faults_of_calls(read: Read) -> Iterator[Mistake]:
    """Yield each call of a usable file that AWS does not know, with its place."""
    if read.playbook is None:
        return
    try:
        document = read_document(read_bytes(read.file))
    except NotReadable as error:
        yield Mistake(str(read.file), *error.mark, error.message)
        return
    for number, step in enumerate(document.value["steps"]):
        for place, call in enumerate(step.get("calls", ())):
            for message in faults_of_call(call["service"], call["operation"], call.get("params", {})):
                mark = document.mark(("steps", number, "calls", place, "operation"))
                yield Mistake(str(read.file), *mark, message)
