"""What sources have in common: something that the action names is not there, or its key cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from core.fact import Fact
from core.finding import Answer, Fix
from core.playbook import Subject

from ._answers import failed, failing, finding, passed
from ._fixes import command, manual, retry_hint
from ._said import otherwise

__all__ = ["gone", "judge_source_key"]


def gone(
    subject: Subject,
    playbook: str,
    cause: str,
    said: tuple[str, str, str],
    fact: Fact,
    fix: Fix,
    *,
    allied: Sequence[str] = (),
) -> Answer:
    """The answer where what the action names is not there.

    Args:
        subject: the action.
        playbook: whose finding it is.
        cause: the vocabulary's id.
        said: its title, the rest of its summary, and what would disprove it.
        fact: the read that says so.
        fix: what to do.
        allied: other causes that the message may read like without speaking against this one.
    """
    title, more, wrong = said
    sure = not otherwise(subject, cause, *allied)
    one = finding(
        subject,
        playbook,
        cause,
        0.95 if sure else 0.4,
        title,
        f"{title}{more}",
        [fact],
        fixes=[fix],
        disproved_by=wrong,
        proven=sure,
    )
    return failed(f"{title}.", fact, findings=[one] if failing(subject) else [])


def judge_source_key(subject: Subject, playbook: str, key: Fact, holder: Fact, what: str) -> Answer:
    """Whether the KMS key of a source can be used; `what` it encrypts, `holder` the read that names it."""
    state = str(key.get("KeyMetadata", "KeyState", default="absent"))
    if state == "Enabled":
        return passed(f"The KMS key of {what} is enabled.", key)
    title = f"The KMS key of {what} is {state}"
    fix = manual(
        "source.key",
        f"Enable the key of {what}",
        [
            "Enable the key, or cancel its deletion; nothing that lies under it can be read without it.",
            retry_hint(subject),
        ],
        commands=[command(subject, "kms", "EnableKey", KeyId=str(key.params.get("KeyId", "")))],
    )
    one = finding(
        subject,
        playbook,
        "artifact.kms-denied",
        0.93,
        title,
        f"{title}: what lies under it cannot be decrypted.",
        [key, holder],
        fixes=[fix],
        disproved_by="the key's state Enabled",
        proven=True,
    )
    return failed(f"{title}.", key, findings=[one] if failing(subject) else [])
