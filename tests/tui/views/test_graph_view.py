from __future__ import annotations

from core.attention import FocusPoint, assess
from core.pipeline import ActionDecl, StageDecl
from tests.builders import HOSTILE, NOW, action, definition, execution, snapshot, stage, state
from tests.tui.views.plain import CONTROL, plain, words
from tui.graph_view import graph_of
from tui.pipeline_head import action_detail, head_line, transition_detail
from widgets.status import Tone

SOURCE = stage("Source", "Succeeded")
BUILD = stage(
    "Build", "Failed", action("Build", "Failed", ago_s=60, error_message="exit status 1\nmore", error_code="JobFailed")
)
POINT = FocusPoint("Build", "Build")

# The picture


def test_the_picture_has_every_stage_with_its_actions_in_their_state() -> None:
    source, build = graph_of(definition(), state(SOURCE, BUILD), NOW)
    assert (source.name, source.tone, source.transition) == ("Source", Tone.OK, None)
    assert (build.tone, build.actions[0].provider, build.actions[0].tone) == (Tone.FAILED, "CodeBuild", Tone.FAILED)
    assert build.actions[0].detail == "exit status 1"
    assert build.transition is not None
    assert build.transition.enabled


def test_actions_keep_their_run_order() -> None:
    decls = (ActionDecl("Lint", "Test", "CodeBuild", run_order=1), ActionDecl("Unit", "Test", "CodeBuild", run_order=2))
    checks = stage("Checks", "InProgress", action("Lint", "Succeeded", ago_s=5), action("Unit", "InProgress", ago_s=75))
    (drawn,) = graph_of(definition(StageDecl("Checks", decls)), state(checks), NOW)
    assert [(each.name, each.run_order, each.detail) for each in drawn.actions] == [
        ("Lint", 1, "5s ago"),
        ("Unit", 2, "for 1m 15s"),
    ]


def test_without_a_definition_names_and_states_stand_alone() -> None:
    (drawn,) = graph_of(None, state(BUILD), NOW)
    assert (drawn.actions[0].name, drawn.actions[0].provider, drawn.actions[0].run_order) == ("Build", "", 1)


def test_a_closed_way_says_why_by_whom_and_since_when() -> None:
    _, held = graph_of(definition(), state(SOURCE, stage("Prod", closed="Index freeze")), NOW)
    assert held.transition is not None
    assert (held.transition.enabled, held.transition.detail) == (False, "Index freeze · sam · 1h")
    assert held.tone is Tone.OFF


def test_what_an_older_run_left_behind_stays_idle_and_what_waits_is_queued() -> None:
    old = stage("Prod", "Succeeded", action("Ship", "Succeeded", ago_s=9000), run="run-0")
    waited = stage("Prod", "Succeeded", run="run-0", inbound=("run-1",))
    (_, drawn), (_, queued) = (graph_of(None, state(SOURCE, each), NOW) for each in (old, waited))
    assert (drawn.tone, drawn.actions[0].tone) == (Tone.IDLE, Tone.IDLE)
    assert queued.tone is Tone.QUEUED


# The head line


def test_the_head_says_name_condition_delivery_and_version() -> None:
    shot = snapshot(SOURCE, BUILD, latest=execution("Failed", run="0123456789", trigger="Webhook"))
    head = head_line(shot, assess(shot, NOW), definition(pipeline_type="V2"), NOW).plain
    assert head == "billing   ✗ failed 1m   webhook   eu-west-1 · execution 01234567 · v3 V2 superseded"


# The selected action or transition


def test_an_action_shows_its_own_error_and_what_it_is_configured_with() -> None:
    text = words(action_detail(state(SOURCE, BUILD), definition(), POINT, NOW))
    assert text == "✗ Build / Build CodeBuild failed 1m ago JobFailed: exit status 1 more ProjectName=billing"


def test_long_errors_are_cut_with_a_mark_and_json_stays_in_the_definition() -> None:
    long = stage(
        "Build", "Failed", action("Build", "Failed", ago_s=9, error_message="\n".join("x" * 9 for _ in range(50)))
    )
    made = StageDecl(
        "Build", (ActionDecl("Build", "Build", "CodeBuild", configuration={"Env": '[{"a": 1}]', "P": "b"}),)
    )
    text = plain(action_detail(state(long), definition(made), POINT, NOW))
    assert text.count("xxxxxxxxx") == 6
    assert text.count("…") == 1
    assert "Env" not in text


def test_running_waiting_and_untouched_actions_say_since_when() -> None:
    def when(**given: object) -> str:
        here = state(stage("Build", "InProgress", action("Build", **given)))  # type: ignore[arg-type]
        return words(action_detail(here, None, POINT, NOW))

    assert when(status="InProgress", ago_s=90).endswith("running for 1m 30s")
    assert when(status="InProgress", ago_s=90, token="t").endswith("waiting for 1m 30s")
    assert when().endswith("never ran")
    assert action_detail(state(SOURCE), None, POINT, NOW) == ()


def test_a_transition_says_whether_it_is_open_and_what_waits() -> None:
    held = stage("Prod", closed="Index freeze", inbound=("a", "b"))
    text = words(transition_detail(state(SOURCE, held), "Prod", NOW))
    assert text == "⊘ The way into Prod was disabled by sam 1h ago. 2 waiting to enter Index freeze"
    assert words(transition_detail(state(SOURCE), "Source", NOW)) == "✓ The way into Source is open."
    assert transition_detail(state(SOURCE), "Nowhere", NOW) == ()


def test_hostile_names_errors_and_reasons_are_shown_as_text() -> None:
    bad = stage(
        HOSTILE, "Failed", action(HOSTILE, "Failed", ago_s=1, error_message=HOSTILE, error_code=HOSTILE), closed=HOSTILE
    )
    here, point = state(SOURCE, bad), FocusPoint(HOSTILE, HOSTILE)
    drawn = graph_of(definition(), here, NOW)[1]
    assert drawn.transition is not None
    texts = [
        drawn.name, drawn.actions[0].name, drawn.actions[0].detail, drawn.transition.detail,
        plain(action_detail(here, definition(), point, NOW)), plain(transition_detail(here, HOSTILE, NOW)),
    ]  # fmt: skip
    for text in texts:
        assert "[red]x[/red]" in text
        assert not CONTROL.search(text)
