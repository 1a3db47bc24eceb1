"""Finds and reads the team's playbooks. A bad file is reported and left out; the others go on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import playbooks
from aws.reads import is_read
from core.playbook import Playbook
from tui.paths import config_dir
from tui.team.build import playbook_of
from tui.team.checked import faults_of_form
from tui.team.document import Document, Mistake, NotReadable, Path_, read_bytes, read_document
from tui.team.meaning import Meaning
from tui.team.schema import SCHEMA
from tui.team.spec import BookSpec

__all__ = ["Loaded", "Read", "all_playbooks", "built_in", "files", "folder", "load", "read_file"]

_MOST_FILES = 200
_MOST_MISTAKES = 50
_ENDINGS = (".yaml", ".yml")
_Stamp = tuple[int, int]
# What a file was when it was last read, and what came of it: read anew only when it has changed.
_known: dict[Path, tuple[_Stamp, Read]] = {}


@dataclass(frozen=True, slots=True)
class Read:
    """What one file came to: a playbook, or what is wrong with it."""

    file: Path
    playbook: Playbook | None = None
    spec: BookSpec | None = None
    mistakes: tuple[Mistake, ...] = ()
    id_mark: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Loaded:
    """All files of the folder: those that can be used, in order of id, and every mistake."""

    reads: tuple[Read, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    @property
    def playbooks(self) -> tuple[Playbook, ...]:
        """The playbooks that can be used."""
        return tuple(each.playbook for each in self.reads if each.playbook)


def folder() -> Path:
    """Where the team's playbooks lie."""
    return config_dir() / "playbooks"


def files() -> tuple[Path, ...]:
    """The YAML files of the folder, by name; none where there is no folder.

    Raises:
        NotReadable: the folder cannot be listed, or holds too many files.
    """
    try:
        found = sorted(each for each in folder().iterdir() if each.suffix in _ENDINGS and each.name[0] != ".")
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise NotReadable(f"cannot be listed: {error.strerror or error}") from error
    if len(found) > _MOST_FILES:
        raise NotReadable(f"holds more than {_MOST_FILES} playbooks")
    return tuple(found)


def read_file(path: Path) -> Read:
    """Read and check one file; never raises for what is in it."""
    name = str(path)
    try:
        document = read_document(read_bytes(path))
    except NotReadable as error:
        return Read(path, mistakes=(Mistake(name, *error.mark, error.message),))
    faults = list(faults_of_form(document.value, SCHEMA))
    if faults:
        return Read(path, mistakes=_placed(name, document, faults))
    meaning = Meaning(is_read)
    spec = meaning.book(document.value)
    if spec.id in {book.id for book in built_in()}:
        meaning.faults.append((("id",), f"{spec.id} is the id of a built-in playbook"))
    if meaning.faults:
        return Read(path, spec=spec, mistakes=_placed(name, document, meaning.faults))
    return Read(path, playbook_of(spec), spec, id_mark=document.mark(("id",)))


def _placed(name: str, document: Document, faults: Iterable[tuple[Path_, str]]) -> tuple[Mistake, ...]:
    found = dict.fromkeys(Mistake(name, *document.mark(path), message) for path, message in faults)
    return tuple(sorted(found)[:_MOST_MISTAKES])


def load() -> Loaded:
    """Read the folder; files that have not changed since the last time are not read again."""
    try:
        paths = files()
    except NotReadable as error:
        return Loaded(mistakes=(Mistake(str(folder()), 0, 0, error.message),))
    by_id: dict[str, Read] = {}
    mistakes: list[Mistake] = []
    for path in paths:
        found = _remembered(path)
        mistakes += found.mistakes
        if found.playbook is None:
            continue
        other = by_id.setdefault(found.playbook.id, found)
        if other is not found:
            words = f"{other.file.name} has the id {found.playbook.id} already"
            mistakes.append(Mistake(str(path), *found.id_mark, words))
    return Loaded(tuple(by_id[name] for name in sorted(by_id)), tuple(mistakes))


def _remembered(path: Path) -> Read:
    try:
        found = path.stat()
    except OSError:
        return read_file(path)  # which says what is the matter
    stamp = (found.st_mtime_ns, found.st_size)
    known = _known.get(path)
    if known is None or known[0] != stamp:
        known = _known[path] = (stamp, read_file(path))
    return known[1]


def built_in() -> tuple[Playbook, ...]:
    """The program's own playbooks."""
    return playbooks.discover()


def all_playbooks() -> tuple[Playbook, ...]:
    """The built-in playbooks and those of the team that can be used. Reads files: on a screen, call it in a thread."""
    return (*built_in(), *load().playbooks)
