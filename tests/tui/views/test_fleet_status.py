from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from aws.budget import CallStats
from core.errors import (
    AwsError,
    CredentialsExpired,
    CredentialsMissing,
    Denied,
    PipemedicError,
    Unreachable,
    UsageError,
)
from core.place import Identity, Place
from tests.builders import HERE, HOSTILE, NOW, THERE, ref, snapshot, stage
from tests.tui.views.plain import CONTROL
from tui.desk import Desk
from tui.fleet_status import Empty, bar_of, empty_of, troubles_of
from tui.options import Options
from widgets.banner import Level

if TYPE_CHECKING:
    from aws.cloud import Cloud
    from tui.app import PipemedicApp


def desk(*places: Place, read_only: bool = False) -> Desk:
    """A desk that asks AWS nothing; open where places are given."""
    made = Desk(Options(read_only=read_only), clock=lambda: NOW)
    if places:
        made._cloud = cast("Cloud", SimpleNamespace(places=places, calls_per_second=1.84, stats=CallStats()))
    return made


def empty(at: Desk, *, filtered: bool = False, start_error: PipemedicError | None = None) -> Empty:
    return empty_of(cast("PipemedicApp", SimpleNamespace(desk=at, start_error=start_error)), filtered=filtered)


def expired(profile: str = "prod") -> CredentialsExpired:
    return CredentialsExpired("The security token is expired", service="codepipeline", profile=profile)


# The bar


def test_before_anything_is_known_the_bar_says_that_it_connects() -> None:
    assert bar_of(desk(), NOW).pulse == "connecting …"


def test_the_bar_counts_by_urgency_and_says_where_and_how_fresh() -> None:
    at = desk(HERE, THERE, read_only=True)
    at.identities[HERE] = Identity("111122223333", "arn:aws:iam::111122223333:user/lena")
    at.book.list(HERE, [ref("a"), ref("b"), ref("c")])
    at.book.read(snapshot(stage("Build", "Failed"), of=ref("a"), read_at=NOW - 4))
    at.book.read(snapshot(stage("Build", "Succeeded"), of=ref("b"), read_at=NOW - 9))
    bar = bar_of(at, NOW)
    assert bar.where == "1111…3333 eu-west-1 +1"
    assert [(number, word) for _, number, word in bar.counts if number] == [(1, "failed"), (1, "ok")]
    assert bar.counts[0][2] == "failed"
    assert (bar.mode, bar.pulse) == ("read-only", "1.8 calls/s · read 4s ago")


# Banners


def test_a_place_in_trouble_has_a_banner_with_the_next_step_and_the_next_try() -> None:
    at = desk(HERE, THERE)
    at.book.list(THERE, [ref("a", THERE)])
    at.book.read(snapshot(stage("Build", "Failed"), of=ref("a", THERE), read_at=NOW - 120))
    at.book.fail(THERE, expired("staging"), NOW, NOW + 6)
    (row,) = troubles_of(at, NOW)
    assert row.text == "staging/us-east-1: the session has expired. What is shown is 2m old."
    assert (row.level, row.retry_in_s) == (Level.ERROR, 6)
    assert row.next_step == "aws sso login --profile staging · next try"
    assert troubles_of(at, NOW, only=HERE) == ()


@pytest.mark.parametrize(
    ("error", "level", "says"),
    [
        (CredentialsMissing("none found"), Level.ERROR, "eu-west-1: there are no credentials."),
        (
            Denied("no", action="codepipeline:ListPipelines"),
            Level.WARNING,
            "not allowed to call codepipeline:ListPipelines",
        ),
        (
            Unreachable("refused", service="codepipeline", operation="ListPipelines"),
            Level.ERROR,
            "could not be reached",
        ),
        (AwsError(HOSTILE, service="x"), Level.ERROR, "[red]x[/red]"),
    ],
)
def test_banners_tell_one_trouble_from_another(error: PipemedicError, level: Level, says: str) -> None:
    at = desk(HERE)
    at.book.fail(HERE, error, NOW, None)
    (row,) = troubles_of(at, NOW)
    assert (row.level, row.retry_in_s) == (level, None)
    assert says in row.text
    assert "What is shown" not in row.text
    assert not CONTROL.search(row.text)


# In place of an empty table


def test_what_stands_in_place_of_an_empty_table() -> None:
    at = desk(HERE)
    assert empty(desk()).title == "Connecting …"
    assert empty(at).title == "Connecting …"
    at.book.list(HERE, [])
    at.identities[HERE] = Identity("111122223333", "arn")
    nothing = empty(at)
    assert (nothing.title, nothing.lines[0]) == ("No pipelines here", "Account 111122223333. Asked: eu-west-1.")
    assert "--region REGION" in nothing.lines[1]
    at.book.list(HERE, [ref("a")])
    assert empty(at, filtered=True).title == "Nothing matches"


def test_an_empty_place_waits_for_the_others() -> None:
    at = desk(HERE, THERE)
    at.book.list(HERE, [])
    assert empty(at).lines == ("Waiting for staging/us-east-1.",)


def test_a_wrong_profile_says_so_and_can_be_tried_again() -> None:
    found = empty(desk(), start_error=UsageError("There is no profile 'prdo'."))
    assert (found.title, found.lines) == ("Cannot start", ("There is no profile 'prdo'.",))
    assert [step.key for step in found.steps] == ["r", "q"]


def test_without_credentials_profiles_and_the_way_to_log_in_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    at = desk(HERE)
    monkeypatch.setattr(at, "credentials_search", lambda _: ("Looked in the environment.", "Profiles found: staging"))
    at.book.fail(HERE, CredentialsMissing("none"), NOW, None)
    found = empty(at)
    assert found.title == "No credentials"
    assert "Profiles found: staging" in found.lines
    assert [step.id for step in found.steps] == ["login", "reload", "quit"]


def test_who_may_not_list_gets_the_statement_that_would_allow_it() -> None:
    at = desk(HERE)
    at.book.fail(HERE, Denied("no", action="codepipeline:ListPipelines"), NOW, None)
    found = empty(at)
    assert found.title == "Not allowed to list pipelines"
    assert '{"Effect": "Allow", "Action": "codepipeline:ListPipelines", "Resource": "*"}' in found.lines[-1]


@pytest.mark.parametrize(
    ("error", "title"), [(expired(), "The session has expired"), (Unreachable("refused"), "AWS does not answer")]
)
def test_other_troubles_have_their_own_title(error: PipemedicError, title: str) -> None:
    at = desk(HERE)
    at.book.fail(HERE, error, NOW, None)
    assert empty(at).title == title
