"""The guided playbook: questions at the left, the current one's answer with its facts and findings at the right."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from core.attention import FocusPoint
from core.diagnosis import choose
from core.errors import PipemedicError
from core.finding import Finding, Fix
from core.place import PipelineRef
from core.playbook import Playbook, Subject
from core.ranking import rank
from core.runner import Run
from core.text import sanitize
from tui import navigation
from tui.medic import Keys, MedicScreen
from tui.playbook_result import RESULT, result_blocks, result_tone
from tui.playbook_view import step_blocks
from tui.tones import verdict_tone
from widgets.document import Block, paragraph
from widgets.document_view import DocumentView
from widgets.ink import inked, join
from widgets.status import Tone
from widgets.step_list import StepList, StepRow

if TYPE_CHECKING:
    from core.fact import Evidence, Fact
    from tui.team.document import Mistake

__all__ = ["PlaybookScreen"]


class PlaybookScreen(MedicScreen):
    """One playbook on one action; other fitting playbooks are a key away and share what was read."""

    CSS_PATH = "playbook.tcss"
    AUTO_FOCUS = "#steps"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="playbook.back", tooltip="Back to where you were"),
        Binding("A", "run_all", "Run all", id="playbook.run-all", tooltip="Ask every question that is still open"),
        Binding("n", "step(1)", "Next", id="playbook.next", tooltip="Run the next step"),
        Binding("p", "step(-1)", "Previous", show=False, id="playbook.previous", tooltip="Look at the step before"),
        Binding("b", "other_book", "Other playbook", id="playbook.other", tooltip="Go to the next playbook that fits"),
        Binding(
            "e", "facts", "Raw facts", id="playbook.facts", tooltip="Show the facts of this step as they were read"
        ),
        Binding("f", "fix", "Fix", id="playbook.fix", tooltip="Open the fix wizard"),
        Binding("l", "log", "Log", id="playbook.log", tooltip="Open the log of this action's build"),
        Binding("B", "any_book", "Any playbook", id="playbook.any", tooltip="Open any playbook on this action"),
        Binding("y", "told(True)", "It is well", id="playbook.yes", tooltip="You have looked: all is well here"),
        Binding("N", "told(False)", "It is not", id="playbook.no", tooltip="You have looked: all is not well here"),
        Binding("r", "again", "Ask again", show=False, id="playbook.again", tooltip="Read this step's facts anew"),
        Binding("ctrl+r", "afresh", "Afresh", show=False, id="playbook.afresh", tooltip="Read everything anew"),
    ]

    book: reactive[int] = reactive(0, init=False)

    head = getters.query_one("#head", Static)
    books = getters.query_one("#books", Static)
    steps = getters.query_one("#steps", StepList)
    answer = getters.query_one("#answer", DocumentView)

    def __init__(self, ref: PipelineRef, point: FocusPoint | None = None, book: str = "") -> None:
        super().__init__()
        self.ref = ref
        self.wanted = point
        self._opened = book  # by hand: it comes first, whether it fits or not
        self.subject: Subject | None = None
        self.runs: list[Run] = []
        self._evidence: Evidence | None = None
        self._every: Sequence[Playbook] = ()
        self._began = 0.0
        self._took = 0.0
        self._trouble = ""
        self._told = False
        self._shown = ""
        self._keys: tuple[bool | None, ...] = ()

    @property
    def run(self) -> Run | None:
        """The playbook that is shown, as far as it has been run."""
        return self.runs[self.book] if self.runs else None

    def compose(self) -> ComposeResult:
        """Where we are, which playbooks fit, the steps, the answer, keys."""
        yield Static(id="head")
        yield Static(id="books")
        with Horizontal(id="body"):
            yield StepList(id="steps")
            yield DocumentView(id="answer")
        yield Keys()

    def on_mount(self) -> None:
        """Find out what there is to ask about."""
        self._draw()
        self.begin()
        self.set_interval(1.0, self._draw)

    def begin(self) -> None:
        """Read the subject anew and choose the playbooks."""
        self.run_worker(
            self._prepare(),
            name="prepare",
            group="playbook",
            description=f"choose playbooks for {self.ref.name}",
            exclusive=True,
            exit_on_error=False,
        )

    async def _prepare(self) -> None:
        from tui.team.load import all_playbooks, load  # noqa: PLC0415 (imported by the desk in a thread)
        from tui.triage import subject_of  # noqa: PLC0415

        stage, action = (self.wanted.stage, self.wanted.action) if self.wanted else ("", "")
        cloud, clock = self.medic.desk.cloud, self.medic.desk.clock
        try:
            self.subject = await subject_of(cloud, self.ref, stage=stage, action=action, clock=clock)
        except PipemedicError as error:
            self._trouble = navigation.told(error)
            self._draw()
            return
        evidence = cloud.evidence(self.ref.place)
        self._evidence = evidence
        self._every = every = await asyncio.to_thread(all_playbooks)
        fitting = choose(every, self.subject)
        if by_hand := [each for each in every if each.id == self._opened]:
            fitting = (*by_hand, *(each for each in fitting if each.id != self._opened))
        self._tell_mistakes(load().mistakes)
        self.runs = [Run(book, self.subject, evidence) for book in fitting]
        self._trouble = "" if fitting else "No playbook is made for this kind of action yet."
        self.book = 0
        self._changed()

    def _tell_mistakes(self, mistakes: Sequence[Mistake]) -> None:
        """A notice for the team's playbooks that could not be used, once a screen."""
        if mistakes and not self._told:
            self._told = True
            words = f"{mistakes[0]}. `pipemedic playbooks check` shows all {len(mistakes)}."
            self.notify(sanitize(words), title="Team playbooks", severity="warning", timeout=20, markup=False)

    def on_screen_resume(self) -> None:
        """Facts may have been read again meanwhile."""
        if self.runs:
            self._changed()

    # What is shown

    def _sync_steps(self) -> None:
        run = self.run
        if run is None:
            return
        calls = f"{run.evidence.calls} calls · {self._took:.1f} s"
        rows = [StepRow(step.id, step.question, self._tone(run, step.id)) for step in run.playbook.steps]
        rows.append(StepRow(RESULT, "What came of it", result_tone(run, run.findings), counted=False))
        self.steps.sync_steps(rows, calls)

    @staticmethod
    def _tone(run: Run, step_id: str) -> Tone:
        if step_id in run.current:
            return Tone.RUNNING
        answer = run.answers.get(step_id)
        return verdict_tone(answer.verdict) if answer else Tone.IDLE

    def _draw(self) -> None:
        path = [self.ref.name]
        if self.subject:
            path += [f"{self.subject.stage.name} / {self.subject.action.name}"]
        run = self.run
        if run:
            path.append(run.playbook.title)
        self.head.update(inked(sanitize(" ▸ ".join(path)), "bold"))
        self.books.display = len(self.runs) > 1
        self.books.update(join(*(self._book_tab(number, each) for number, each in enumerate(self.runs))))
        key = self.steps.cursor_key or ""
        self.answer.show(self._answer(key), top=key != self._shown)
        self._shown = key

    def _book_tab(self, number: int, run: Run) -> Content:
        here = number == self.book
        found = " ✗" if run.findings else " ✓" if run.complete else ""
        return inked(f" {run.playbook.title}{found} ", "bold reverse" if here else "$foreground-muted")

    def _answer(self, key: str) -> Sequence[Block]:
        run = self.run
        if run is None:
            return (paragraph(sanitize(self._trouble or "reading the pipeline …"), muted=True),)
        numbered = {step.id: (number, step) for number, step in enumerate(run.playbook.steps, 1)}
        facts = {fact.n: fact for fact in run.evidence.facts}
        if key == RESULT:
            return result_blocks(run, self._ranked(), facts)
        if key not in numbered:
            return ()
        number, step = numbered[key]
        now = self.medic.desk.clock()
        return step_blocks(step, number, run.answers.get(key), facts, now, asking=key in run.current)

    # What the user does

    @on(StepList.Highlighted, "#steps")
    def step_chosen(self) -> None:
        """Show the step under the cursor."""
        self._draw()
        self._refresh_keys()

    @on(StepList.Opened, "#steps")
    def step_opened(self, event: StepList.Opened) -> None:
        """Run the step under the cursor; on the result, all of them."""
        if event.key == RESULT:
            self.action_run_all()
        else:
            self._ask(event.key)

    def _ask(self, step_id: str) -> None:
        run = self.run
        if run is None:
            return
        self.run_worker(
            self._ask_one(run, step_id),
            name=f"step {step_id}",
            group=f"step-{step_id}",
            description=f"ask {step_id} of {self.ref.name}",
            exclusive=True,
            exit_on_error=False,
        )

    async def _ask_one(self, run: Run, step_id: str) -> None:
        began = self.medic.desk.clock()
        task = run.ask(step_id)
        self.call_later(self._changed)
        await task
        self._took += self.medic.desk.clock() - began
        self._changed()

    def _changed(self) -> None:
        self._sync_steps()
        self._draw()
        self._refresh_keys()

    def _refresh_keys(self) -> None:
        """Have the footer drawn again only when a key comes or goes."""
        keys = tuple(self.check_action(action, ()) for action in ("fix", "other_book", "told"))
        if keys != self._keys:
            self._keys = keys
            self.refresh_bindings()

    def action_run_all(self) -> None:
        """Ask every open question of this playbook, side by side where they allow it."""
        if self.run:
            self.run_worker(
                self._ask_all(self.run),
                name="run-all",
                group="run-all",
                description=f"walk the playbook on {self.ref.name}",
                exclusive=True,
                exit_on_error=False,
            )

    async def _ask_all(self, run: Run) -> None:
        began, before = self.medic.desk.clock(), self._took
        here = self.steps.cursor_key
        self.call_later(self._changed)
        async for _ in run.all():
            self._took = before + self.medic.desk.clock() - began
            self._changed()
        if run is self.run and self.steps.cursor_key == here:
            self.steps.move_to(RESULT)
        self._changed()

    def action_step(self, by: int) -> None:
        """Go to the next step and run it if it is still open, or back to the one before."""
        run = self.run
        if run is None:
            return
        ids = [*(step.id for step in run.playbook.steps), RESULT]
        done = {*run.answers, RESULT}
        here = ids.index(self.steps.cursor_key) if self.steps.cursor_key in ids else 0
        first_open = by > 0 and ids[here] not in done
        there = here if first_open else min(max(here + by, 0), len(ids) - 1)
        self.steps.move_to(ids[there])
        if by > 0 and ids[there] not in done:
            self._ask(ids[there])

    def action_other_book(self) -> None:
        """Go to the next playbook that fits."""
        if self.runs:
            self.book = (self.book + 1) % len(self.runs)

    def action_any_book(self) -> None:
        """Choose among all playbooks, those too that are not made for this kind of action."""
        from tui.screens.books import BooksScreen  # noqa: PLC0415 (imported when first opened)

        if self.subject and self._every:
            self.app.push_screen(BooksScreen(self._every, self.subject), self._open_book)

    def _open_book(self, book_id: str | None) -> None:
        """Go to that playbook; one that was not among those that fit is added, and shares what was read."""
        at = next((number for number, run in enumerate(self.runs) if run.playbook.id == book_id), None)
        chosen = next((each for each in self._every if each.id == book_id), None)
        if at is None and chosen and self.subject and self._evidence:
            self.runs.append(Run(chosen, self.subject, self._evidence))
            at = len(self.runs) - 1
        if at is not None:
            self._trouble, self.book = "", at
            self._changed()

    def watch_book(self) -> None:
        """Show the chosen playbook."""
        self._changed()

    def _asks_a_person(self) -> str | None:
        """The step under the cursor, where a person can answer it."""
        key, run = self.steps.cursor_key or "", self.run
        steps = run.playbook.steps if run else ()
        return next((step.id for step in steps if step.id == key and step.told), None)

    def action_told(self, holds: bool) -> None:
        """Take the answer of the person at the keyboard to the step under the cursor."""
        run, key = self.run, self._asks_a_person()
        if run is None or key is None:
            return
        self.run_worker(
            self._take(run, key, holds=holds),
            name=f"told {key}",
            group=f"step-{key}",
            description=f"take the answer to {key} of {self.ref.name}",
            exclusive=True,
            exit_on_error=False,
        )

    async def _take(self, run: Run, key: str, *, holds: bool) -> None:
        await run.tell(key, holds=holds)
        self._changed()

    def action_again(self) -> None:
        """Read the facts of the step under the cursor anew, and judge by them; on the result, read everything anew."""
        run, key = self.run, self.steps.cursor_key or ""
        if run is None or key not in run.answers:
            self.action_afresh()
            return
        self.run_worker(
            self._ask_again(run, key, run.answers[key].facts),
            name=f"again {key}",
            group=f"step-{key}",
            description=f"ask {key} of {self.ref.name} again",
            exclusive=True,
            exit_on_error=False,
        )

    async def _ask_again(self, run: Run, key: str, facts: Sequence[int]) -> None:
        run.current.add(key)
        self._changed()
        try:
            await asyncio.gather(*(run.evidence.again(n) for n in facts))
        finally:
            run.current.discard(key)
        await self._ask_one(run, key)

    async def _fact_again(self, n: int) -> Fact:
        """Read a fact anew, and ask every step anew that rests on it."""
        run = self.run
        if run is None:
            raise KeyError(n)
        fact = await run.evidence.again(n)
        resting = [key for key, answer in run.answers.items() if n in answer.facts]
        await asyncio.gather(*(run.ask(key) for key in resting))
        return fact

    def action_afresh(self) -> None:
        """Read everything anew."""
        self.runs, self._took = [], 0.0
        self.medic.desk.forget_diagnosis(self.ref)
        self.begin()

    def action_back(self) -> None:
        """Back to where we came from."""
        self.dismiss()

    def action_log(self) -> None:
        """Open the log of this action's build."""
        point = FocusPoint(self.subject.stage.name, self.subject.action.name) if self.subject else self.wanted
        navigation.open_log(self.medic, self.ref, point)

    def action_facts(self) -> None:
        """Show the facts of the current step as they were read."""
        run = self.run
        if run is None:
            return
        key = self.steps.cursor_key or ""
        answer = run.answers.get(key)
        cited = answer.facts if answer else ()
        if key == RESULT:
            cited = tuple(dict.fromkeys(n for finding in self._ranked() for n in finding.facts))
        by_number = {fact.n: fact for fact in run.evidence.facts}
        if cited:
            navigation.open_facts(self.medic, [by_number[n] for n in cited if n in by_number], self._fact_again)

    def _fix(self) -> Fix | None:
        """The fix of what the step at hand found, else of the surest finding of all."""
        run = self.run
        if run is None:
            return None
        here = run.answers.get(self.steps.cursor_key or "")
        near: tuple[Finding, ...] = here.findings if here else ()
        return self.medic.fix_for((*near, *self._ranked()))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found here so far, surest first."""
        return self._ranked()

    def _ranked(self) -> tuple[Finding, ...]:
        """The findings of every playbook that was run here, surest first."""
        return rank(finding for each in self.runs for finding in each.findings)

    def action_fix(self) -> None:
        """Open the wizard on the fix at hand."""
        if fix := self._fix():
            navigation.open_fix(self.medic, self.ref, fix)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys show where they do something."""
        del parameters
        if not self.is_mounted:
            return True
        if action == "fix":
            return self._fix() is not None
        if action == "other_book":
            return len(self.runs) > 1
        if action == "told":
            return self._asks_a_person() is not None
        return True
