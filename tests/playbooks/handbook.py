"""Writes the list of playbooks in docs/playbooks.md: ``python -m tests.playbooks.handbook``."""

from __future__ import annotations

from pathlib import Path

from core.playbook import Playbook
from playbooks import discover

__all__ = ["MARK", "PAGE", "listing"]

PAGE = Path(__file__).parents[2] / "docs" / "playbooks.md"
MARK = "<!-- from here on written by tests/playbooks/handbook.py -->\n"


def _one(book: Playbook) -> str:
    rows = [
        f"| `{step.id}` | {step.question} | "
        f"{', '.join(f'`{each}`' for each in dict.fromkeys(step.reads)) or 'nothing'} |"
        for step in book.steps
    ]
    causes = ", ".join(f"`{cause}`" for cause in book.causes)
    table = "\n".join(["| step | question | reads |", "|---|---|---|", *rows])
    return f"## {book.title} (`{book.id}`)\n\n{book.summary}\n\nCauses it can prove: {causes}\n\n{table}\n"


def listing() -> str:
    """The playbooks with their steps, as Markdown."""
    return "\n".join(_one(book) for book in discover())


if __name__ == "__main__":
    written = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(f"{written}{MARK}\n{listing()}", encoding="utf-8")
