"""The page on playbooks lists what there is."""

from __future__ import annotations

from tests.playbooks.handbook import MARK, PAGE, listing


def test_the_page_lists_every_playbook_and_step() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.partition(MARK)[2].strip() == listing().strip(), "run: python -m tests.playbooks.handbook"
