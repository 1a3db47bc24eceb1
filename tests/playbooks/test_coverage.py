"""Every cause has a way to it: a playbook that checks it, or a reason why only words can name it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from core.causes import CAUSES
from playbooks import discover
from tests.playbooks.corpus import cases

# What only the text of a message or a log can tell: no setting and no state of AWS shows it.
TEXT_ONLY: Mapping[str, str] = {
    "source.clone-failed": "git's own words in the log of the build",
    "build.command-failed": "what is left when no line of the log says more",
    "build.dependency-failed": "the package manager's words",
    "build.compile-failed": "the compiler's words",
    "build.lint-failed": "the linter's words",
    "build.command-not-found": "the shell's words",
    "build.permission-denied-file": "the shell's words",
    "build.disk-full": "the operating system's words",
    "build.registry-login": "the registry's words",
    "build.registry-repository": "the registry's words",
    "build.env-variable": "a command's complaint of an empty value",
    "build.tls": "the client's words",
    "build.report-failed": "CodeBuild's words at the end of the log",
    "build.shell": "the shell's words",
    "ecr.action-failed": "the words of the action's own log",
    "terraform.failed": "terraform's words in the log of a build",
    "flow.pipeline-missing": "there is no pipeline to run a playbook on: the command line names it",
}
CLAIMED = {cause for book in discover() for cause in book.causes}


@pytest.mark.parametrize("cause", [each for each in CAUSES if not each.startswith(("audit.", "perf."))])
def test_a_playbook_checks_it_or_only_words_tell_it(cause: str) -> None:
    assert (cause in CLAIMED) is not (cause in TEXT_ONLY)


# The caller's own session has ended: no read of a diagnosis would be answered.
WITHOUT_SCENARIO = {"permission.credentials-expired"}


def test_what_playbooks_claim_is_shown_by_a_scenario() -> None:
    shown = {case.cause for case in cases()}
    lacking = sorted(cause for cause in CLAIMED - shown - WITHOUT_SCENARIO if not cause.startswith(("perf.", "audit.")))
    assert not lacking
