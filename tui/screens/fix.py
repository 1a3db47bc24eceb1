"""The fix wizard: what will change, where, how, the last yes, and then the proof."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core.actions import Ask, Choice
from core.commands import aws_command
from core.place import PipelineRef
from core.plan import ApplyOutcome, ApplyStep, Plan
from core.text import sanitize
from core.ways import has_ways, other_ways
from tui import navigation
from tui.changes import Change
from tui.context_mark import context_mark
from tui.fix_cards import OUTCOME_TONES, confirm_card, how_card, outcome_card, what_card, where_card
from tui.medic import Keys, MedicScreen
from tui.screens.ask import AskScreen
from tui.surroundings import Surroundings, look_around
from widgets.confirm_card import ConfirmCard
from widgets.diff_view import DiffView
from widgets.document import Block, lay_out
from widgets.document_view import DocumentView
from widgets.ink import inked, join
from widgets.status import Tone
from widgets.wizard import Wizard

__all__ = ["FixScreen"]

_WHAT, _WHERE, _HOW, _CONFIRM, _APPLY, _VERIFIED = range(6)
_HEAD_WIDTH = 100


class FixScreen(MedicScreen):
    """One plan, from the first look to the proof."""

    CSS_PATH = "fix.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy command", id="fix.copy", tooltip="Copy the aws command that does the same"),
        Binding("Y", "copy_code", "Copy code", id="fix.copy-code", tooltip="Copy the change as it would stand in code"),
        Binding(
            "w", "ways", "Other ways", id="fix.ways", tooltip="Reach the same in another way: another policy, a grant"
        ),
        Binding("R", "retry", "Retry stage", id="fix.retry", tooltip="Retry the failed stage now"),
    ]

    wizard = getters.query_one("#wizard", Wizard)

    def __init__(self, ref: PipelineRef, plan: Plan) -> None:
        super().__init__()
        self.ref = ref
        self.plan = plan
        self.change: Change | None = None
        self.around: Surroundings | None = None

    @property
    def _retries(self) -> bool:
        """Whether this plan is itself the retry."""
        return self.plan.id == "pipeline.retry-stage"

    def compose(self) -> ComposeResult:
        """The wizard, keys; the place may want more of a confirmation than the plan does."""
        self.plan = self.medic.desk.guarded(self.plan)
        place = self.plan.place
        context = self.medic.desk.contexts.get(place)
        named = " · ".join(filter(None, (self.plan.account, place.region, place.profile, self.plan.pipeline)))
        where = inked(sanitize(named), "$foreground-muted")
        if mark := context_mark(context):
            where = join(mark, " ", where)
        if context and context.protection == "typed":
            where = join(where, "   ", inked("PROTECTED", "bold $text-warning"))
        yield Wizard(sanitize(self.plan.title), where=where, id="wizard")
        yield Keys()

    async def on_mount(self) -> None:
        """Begin with what will change; a pipeline's own controls say that in one line and begin with the question."""
        await self._card(_CONFIRM if self.plan.id.startswith("pipeline.") else _WHAT)
        self.run_worker(
            self._look_around(),
            name="surroundings",
            group="surroundings",
            description="look who else uses the resource, and which code makes it",
            exit_on_error=False,
        )

    async def _look_around(self) -> None:
        """Read what stands around the change; the cards that show it are drawn again."""
        desk = self.medic.desk
        if not desk.is_open:
            return
        refs = [entry.ref for entry in desk.book.entries(desk.clock(), resort=False)]
        self.around = await look_around(desk.cloud, self.plan, refs)
        for shown in self.query("#around"):
            if isinstance(shown, DocumentView):
                shown.show(self._about(self.wizard.at))
        self.refresh_bindings()

    def _about(self, at: int) -> tuple[Block, ...]:
        return where_card(self.plan, self.around) if at == _WHERE else how_card(self.plan, self.around)

    async def _card(self, at: int) -> None:
        if at == _CONFIRM:
            question = "\n".join(line.plain for line in lay_out(confirm_card(self.plan), _HEAD_WIDTH))
            card = ConfirmCard(question, self.plan.typed)
            await self.wizard.show_card(at, card, next_label="Apply", ready=not self.plan.typed)
            return
        await self.wizard.show_card(at, *self._widgets(at))

    def _widgets(self, at: int) -> tuple[Widget, ...]:
        plan = self.plan
        if at == _WHAT:
            head = DocumentView(what_card(plan), id="what")
            sides: Literal["auto", "no"] = "auto" if plan.before else "no"
            before, after = sanitize(plan.before), sanitize(plan.after)
            return (DiffView(before, after, language=plan.syntax, sides=sides, id="diff"), head)
        return (DocumentView(self._about(at), id="around"),)

    # On and back

    @on(Wizard.Advanced)
    async def forward(self, event: Wizard.Advanced) -> None:
        """The next card; on the confirmation, apply."""
        if event.at < _CONFIRM:
            await self._card(event.at + 1)
        elif event.at == _CONFIRM:
            await self._apply()
        elif event.at == _VERIFIED:
            await self._after()

    @on(Wizard.Retreated)
    async def backward(self, event: Wizard.Retreated) -> None:
        """The card before; what was applied stays applied."""
        if 0 < event.at <= _CONFIRM:
            await self._card(event.at - 1)

    @on(Wizard.Cancelled)
    def leave(self) -> None:
        """Leave; a change under way goes on, and tells its outcome."""
        if self.change and self.change.outcome is None:
            self.notify("The change goes on; its outcome will be told here.", markup=False)
            self.change.on_step = self.medic.tell_outcome(self.change)
        self.dismiss()

    @on(ConfirmCard.Changed)
    def typed(self, event: ConfirmCard.Changed) -> None:
        """Open the way on when the typed name is right."""
        self.wizard.ready = event.confirmed

    @on(ConfirmCard.Confirmed)
    async def confirmed(self) -> None:
        """Enter on the right name applies."""
        await self._apply()

    # Apply

    async def _apply(self) -> None:
        if self.change is not None:
            return
        await self.wizard.show_card(
            _APPLY,
            DocumentView(id="outcome"),
            tone=Tone.RUNNING,
            next_label="",
            cancel_label="Leave",
            can_retreat=False,
        )
        self.change = self.medic.apply(self.plan)
        self.change.on_step = self._stepped
        self._draw_steps()

    def _stepped(self, step: ApplyStep) -> None:
        self._draw_steps()
        if step.outcome is not None:
            self.medic.desk.forget_diagnosis(self.ref)
            if fleet := self.medic.desk.fleet:
                fleet.poke(self.ref)
            self.call_next(self._finish, step.outcome)

    def _draw_steps(self) -> None:
        if self.change and (shown := self.query("#outcome")):
            shown.first(DocumentView).show(outcome_card(self.change.steps, self.plan))

    async def _finish(self, outcome: ApplyOutcome) -> None:
        """The last card: the outcome, and the retry where there is one to offer."""
        offers = outcome is ApplyOutcome.VERIFIED and not self._retries and self._stage_failed()
        label = "On to the next step" if self._next_plan(outcome) else "Retry the failed stage" if offers else "Close"
        await self.wizard.show_card(
            _VERIFIED,
            DocumentView(id="outcome"),
            tone=OUTCOME_TONES[outcome],
            next_label=label,
            cancel_label="" if label == "Close" else "Close",
            can_retreat=False,
        )
        self._draw_steps()
        await self._show_conflict()

    async def _show_conflict(self) -> None:
        """At a conflict, what was expected beside what is there now."""
        now = self.change.steps[-1].present if self.change else ""
        if now and now != self.plan.before:
            shown = self.query_one("#outcome", DocumentView)
            shown.styles.height = 8
            difference = DiffView(sanitize(self.plan.before), sanitize(now), language=self.plan.syntax, id="conflict")
            await self.query_one("#wizard-card").mount(difference, after=shown)

    def _next_plan(self, outcome: ApplyOutcome | None) -> Plan | None:
        """The plan that this one has prepared."""
        return self.plan.then if outcome is ApplyOutcome.VERIFIED else None

    def _stage_failed(self) -> bool:
        snapshot = self.medic.snapshot(self.ref)
        return bool(snapshot and snapshot.state and any(each.status == "Failed" for each in snapshot.state.stages))

    async def _after(self) -> None:
        """What the last card's button does: offer the retry after a verified fix, else close."""
        change = self.change
        following = self._next_plan(change.outcome if change else None)
        if following:
            self.dismiss()
            navigation.open_plan(self.medic, self.ref, following)
        elif change and change.outcome is ApplyOutcome.VERIFIED and not self._retries and self._stage_failed():
            self.action_retry()
        else:
            self.dismiss()

    def action_retry(self) -> None:
        """Go on with the wizard of the retry, in place of this one."""
        snapshot = self.medic.snapshot(self.ref)
        if snapshot:
            self.dismiss()
            navigation.open_retry(self.medic, snapshot)

    def action_copy(self) -> None:
        """Copy the command."""
        place = self.plan.place
        self.app.copy_to_clipboard(aws_command(self.plan.call, region=place.region, profile=place.profile))
        self.notify("Copied the aws command", markup=False)

    def action_ways(self) -> None:
        """Look for other ways to the same end, and let one be chosen."""
        self.run_worker(
            self._offer_ways(),
            name="ways",
            group="ways",
            description=f"other ways than: {self.plan.title}",
            exclusive=True,
            exit_on_error=False,
        )

    async def _offer_ways(self) -> None:
        found = await other_ways(self.plan, self.medic.desk.cloud.evidence(self.plan.place))
        plans = {str(number): way.plan for number, way in enumerate(found) if way.plan}
        refused = "\n".join(f"Not possible: {way.title}: {way.why_not}." for way in found if not way.plan)
        if not plans:
            self.notify(sanitize(refused) or "No other way was found.", severity="warning", markup=False)
            return
        choices = tuple(Choice(number, found[int(number)].title) for number in plans)
        ask = Ask("way", "Which other way?", required=True, choices=choices)

        def chosen(given: dict[str, str] | None) -> None:
            plan = plans.get(given["way"]) if given else None
            if plan and self.change is None:
                self.dismiss()
                navigation.open_plan(self.medic, self.ref, plan)

        self.app.push_screen(AskScreen(self.plan.title, refused or "Nothing is changed yet.", (ask,)), chosen)

    def action_copy_code(self) -> None:
        """Copy the change as code: of the tool that makes the resource; where none is seen, of one that is chosen."""
        around = self.around
        if around is None:
            return
        if around.code:
            self._copy_code(around.code)
            return

        def chosen(given: dict[str, str] | None) -> None:
            if given:
                self._copy_code(around.codes[given["tool"]])

        choices = tuple(Choice(tool, tool) for tool in around.codes)
        ask = Ask("tool", "As code of which tool?", required=True, choices=choices)
        self.app.push_screen(AskScreen(self.plan.title, "No code was seen that makes the resource.", (ask,)), chosen)

    def _copy_code(self, code: str) -> None:
        self.app.copy_to_clipboard(code)
        self.notify("Copied the change as code", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The retry shows once the fix is verified."""
        del parameters
        if action == "copy_code":
            return bool(self.around and (self.around.code or self.around.codes))
        if action == "ways":
            return self.change is None and self.medic.desk.is_open and has_ways(self.plan)
        if action != "retry":
            return True
        done = bool(self.change and self.change.outcome is ApplyOutcome.VERIFIED)
        return done and not self._retries and self._stage_failed()
