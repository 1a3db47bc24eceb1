from textual.widgets import Button, Input

from tests.widgets.stage import lines, of, showing, text, until
from widgets.banner import Banner, Level
from widgets.confirm_card import ConfirmCard
from widgets.document import paragraph
from widgets.document_view import DocumentView
from widgets.empty_state import EmptyState, NextStep
from widgets.gallery_data import STEPS
from widgets.status import Tone
from widgets.step_list import StepList, StepRow
from widgets.wizard import DEFAULT_STEPS, Wizard, rail

# Wizard


def test_the_rail_says_where_one_is_at_any_width() -> None:
    wide = rail(DEFAULT_STEPS, 2, Tone.IDLE, 100).plain
    assert wide == "✓ 1 what ─ ✓ 2 where ─  ▸ 3 how  ─ 4 confirm ─ 5 apply ─ 6 verified"
    narrow = rail(DEFAULT_STEPS, 2, Tone.RUNNING, 30)
    assert "◐ 3 how" in narrow.plain
    assert narrow.cell_length <= 30


async def test_keys_and_buttons_ask_for_the_next_card_and_the_one_before() -> None:
    wizard = Wizard("Allow s3:GetObject")
    async with showing(wizard, 100, 24) as (pilot, told):
        await wizard.show_card(1, DocumentView([paragraph("where")]))
        await pilot.press("enter", "backspace")
        await pilot.click("#wizard-next")
        await pilot.press("escape")
        assert [m.at for m in of(told, Wizard.Advanced)] == [1, 1]
        assert [m.at for m in of(told, Wizard.Retreated)] == [1]
        assert [m.at for m in of(told, Wizard.Cancelled)] == [1]


async def test_the_way_on_is_closed_until_the_card_is_ready() -> None:
    wizard = Wizard("Allow s3:GetObject")
    async with showing(wizard, 100, 24) as (pilot, told):
        await wizard.show_card(3, DocumentView([paragraph("wait")]), ready=False)
        await pilot.press("enter")
        assert of(told, Wizard.Advanced) == []
        wizard.ready = True
        await pilot.press("enter")
        assert len(of(told, Wizard.Advanced)) == 1
        await wizard.show_card(4, DocumentView([paragraph("applying")]), next_label="", can_retreat=False)
        await pilot.press("enter", "backspace")
        assert len(of(told, Wizard.Advanced)) == 1
        assert of(told, Wizard.Retreated) == []
        assert not wizard.query_one("#wizard-next", Button).display


async def test_only_the_typed_name_opens_the_way() -> None:
    card = ConfirmCard("Delete it?\nAccount 111122223333", "checkout-build")
    wizard = Wizard("Delete")
    async with showing(wizard, 100, 24) as (pilot, told):
        await wizard.show_card(3, card, ready=False)
        await until(lambda: isinstance(pilot.app.focused, Input))
        await pilot.press(*"checkout", "enter")
        assert of(told, ConfirmCard.Confirmed) == []
        await pilot.press(*"-build", "enter")
        await pilot.pause()
        assert len(of(told, ConfirmCard.Confirmed)) == 1
        assert [m.confirmed for m in of(told, ConfirmCard.Changed)][-2:] == [False, True]
        assert "✓ matches" in text(pilot.app)


async def test_all_of_a_card_can_be_reached_on_a_small_terminal() -> None:
    wizard = Wizard("Delete")
    async with showing(wizard, 80, 16) as (pilot, _):
        await wizard.show_card(3, ConfirmCard("\n".join(f"line {n}" for n in range(20)), "name"))
        await until(lambda: "Type name to confirm." in text(pilot.app))


# Banner


async def test_a_banner_counts_down_and_cuts_its_text_before_the_next_step() -> None:
    banner = Banner()
    async with showing(banner, 60, 5) as (pilot, _):
        assert lines(pilot.app)[0] == ""
        banner.show(Level.ERROR, "eu-west-1 cannot be reached " * 5, "reading again", due_in_s=30)
        await pilot.pause()
        assert lines(pilot.app)[0].startswith(" ✗ eu-west-1 cannot be reached")
        assert lines(pilot.app)[0].endswith("… · reading again in 30 s")
        banner.show(Level.INFO, "signed in again", "reading", due_in_s=0)
        await pilot.pause()
        assert lines(pilot.app)[0] == " i signed in again · reading now"
        assert not banner.has_class("-error")
        banner.dismiss()
        await pilot.pause()
        assert lines(pilot.app)[0] == ""


# Empty state


async def test_an_empty_place_says_why_and_what_next() -> None:
    panel = EmptyState(
        "Not allowed to list pipelines",
        ("codepipeline:ListPipelines was denied [/foo]",),
        (NextStep("copy", "y", "copy the statement that would allow it"),),
        tone=Tone.DENIED,
    )
    async with showing(panel, 80, 24) as (pilot, told):
        assert "⊖ Not allowed to list pipelines" in text(pilot.app)
        assert "was denied [/foo]" in text(pilot.app)
        await pilot.click("_Step")
        assert [m.step_id for m in of(told, EmptyState.Chosen)] == ["copy"]
        await panel.show("No pipelines", ("Asked 111122223333 in eu-west-1.",))
        await pilot.pause()
        assert "No pipelines" in text(pilot.app)
        assert "denied" not in text(pilot.app)


# Steps


async def test_steps_tell_how_far_they_are() -> None:
    steps = StepList()
    async with showing(steps, 60, 12) as (pilot, told):
        steps.sync_steps(STEPS, "14 calls")
        await pilot.pause()
        assert "5 of 7 steps · 14 calls" in lines(pilot.app)[0]
        assert lines(pilot.app)[5].split()[:4] == ["✗", "5", "Are", "the"]
        await pilot.press("down", "enter")
        assert [m.key for m in of(told, StepList.Opened)] == ["taskdef"]
        steps.sync_steps([StepRow("taskdef", "Does it?", Tone.RUNNING)])
        await pilot.pause()
        assert steps.cursor_key == "taskdef"
        assert "0 of 1 steps" in lines(pilot.app)[0]
