"""Flag, then environment, then file, then default."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UsageError
from core.place import Place
from tests.builders import plan
from tui.config import Config, ContextConfig
from tui.config_places import all_contexts, contexts_of, load_config, merged, start_contexts
from tui.desk import Desk
from tui.fleet_memory import keep_places
from tui.options import Options

PROD = ContextConfig("prod", "prod", ("eu-west-1", "us-east-1"), "error", "read-only")
STAGING = ContextConfig("staging", "staging", ("eu-west-1",), protection="typed")
CONFIG = Config(contexts=(PROD, STAGING), groups={"all": ("prod", "staging")}, start=("staging",))


@pytest.fixture(autouse=True)
def profiles(bare_home: Path) -> None:
    folder = bare_home / ".aws"
    folder.mkdir()
    (folder / "config").write_text(
        "[default]\nregion=eu-west-3\n[profile prod]\n[profile staging]\n[profile other]\nregion=eu-central-1\n"
    )


def places(options: Options, config: Config = CONFIG) -> list[str]:
    return [str(context.place) for context in contexts_of(options, config)]


def test_without_anything_the_default_chain_is_asked() -> None:
    assert places(Options(), Config()) == ["eu-west-3"]


def test_the_file_says_where_to_begin() -> None:
    assert places(Options()) == ["staging/eu-west-1"]
    assert len(places(Options(), Config(contexts=(PROD, STAGING)))) == 3


def test_the_environment_beats_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPEMEDIC_CONTEXTS", "prod, staging")
    assert places(Options()) == ["prod/eu-west-1", "prod/us-east-1", "staging/eu-west-1"]
    monkeypatch.delenv("PIPEMEDIC_CONTEXTS")
    monkeypatch.setenv("AWS_PROFILE", "other")
    assert places(Options()) == ["eu-central-1"]


def test_a_flag_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPEMEDIC_CONTEXTS", "staging")
    assert places(Options(profiles=("other",))) == ["other/eu-central-1"]
    assert places(Options(contexts=("all",))) == ["prod/eu-west-1", "prod/us-east-1", "staging/eu-west-1"]
    assert places(Options(contexts=("all",), regions=("us-east-1",))) == ["prod/us-east-1"]


def test_an_unknown_context_is_named_beside_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no context 'prdo'. Contexts and groups: prod, staging, all"):
        contexts_of(Options(contexts=("prdo",)), CONFIG)


def test_a_place_named_by_flag_keeps_the_files_protection() -> None:
    (found,) = contexts_of(Options(profiles=("prod",), regions=("us-east-1",)), CONFIG)
    assert (found.protection, found.color, found.name) == ("read-only", "error", "prod/us-east-1")


def test_the_last_choice_is_remembered_until_a_flag_says_otherwise() -> None:
    keep_places([Place("prod", "us-east-1")])
    assert [str(each.place) for each in start_contexts(Options(), CONFIG)] == ["prod/us-east-1"]
    assert start_contexts(Options(), CONFIG)[0].protection == "read-only"
    assert [str(each.place) for each in start_contexts(Options(profiles=("other",)), CONFIG)] == ["other/eu-central-1"]
    keep_places([])
    assert [str(each.place) for each in start_contexts(Options(), CONFIG)] == ["staging/eu-west-1"]


def test_all_there_is_to_choose_holds_contexts_and_profiles_once() -> None:
    found = all_contexts(CONFIG, ("default", "prod", "other"), contexts_of(Options(), CONFIG))
    assert [str(each.place) for each in found] == [
        "staging/eu-west-1",
        "prod/eu-west-1",
        "prod/us-east-1",
        "default/eu-west-3",
        "prod/eu-west-3",
        "other/eu-central-1",
    ] or [str(each.place) for each in found] == [
        "staging/eu-west-1",
        "prod/eu-west-1",
        "prod/us-east-1",
        "default/eu-west-3",
        "other/eu-central-1",
    ]


def test_read_only_from_environment_and_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert merged(Options(), Config(read_only=True)).read_only
    monkeypatch.setenv("PIPEMEDIC_READ_ONLY", "0")
    assert not merged(Options(), Config(read_only=True)).read_only
    assert merged(Options(read_only=True), Config()).read_only


def test_no_file_is_needed_but_one_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_config() == Config()
    monkeypatch.setenv("PIPEMEDIC_CONFIG", "/nowhere/config.toml")
    with pytest.raises(UsageError, match="not there"):
        load_config()
    monkeypatch.setenv("PIPEMEDIC_CONFIG", "none")
    assert load_config() == Config()


def test_a_protected_context_wants_the_name_typed() -> None:
    desk = Desk(Options(), config=CONFIG)
    change = plan()
    (staging,) = contexts_of(Options(), CONFIG)
    desk.contexts = {change.place: staging}
    assert desk.guarded(change).typed == change.pipeline
    desk.contexts = {}
    assert desk.guarded(change).typed == change.typed


def test_another_region_of_a_protected_profile_is_protected_too() -> None:
    (context,) = contexts_of(Options(profiles=("prod",), regions=("ap-south-1",)), CONFIG)
    assert (context.name, context.protection, context.color) == ("prod/ap-south-1", "read-only", "error")
    (other,) = contexts_of(Options(profiles=("other",), regions=("ap-south-1",)), CONFIG)
    assert other.protection == "none"
