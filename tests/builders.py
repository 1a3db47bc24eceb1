"""Small pieces of an account, for tests of what is pure: each builder fills in what a test does not speak of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from core.attention import assess
from core.diagnosis import Checked, Diagnosis
from core.fact import Fact, Outcome
from core.finding import Answer, Finding, Fix, Verdict
from core.pipeline import (
    ActionDecl,
    ActionState,
    Definition,
    Execution,
    PipelineSnapshot,
    PipelineState,
    Revision,
    StageDecl,
    StageState,
    Transition,
)
from core.place import Identity, PipelineRef, Place
from core.plan import Call, Check, Plan, Risk, Undo
from core.playbook import Facts, Playbook, Step, Subject, always
from tui.fleet_book import Entry

__all__ = [
    "HERE",
    "NOW",
    "THERE",
    "action",
    "answered",
    "definition",
    "diagnosis",
    "entry",
    "execution",
    "fact",
    "finding",
    "plan",
    "playbook",
    "ref",
    "snapshot",
    "stage",
    "state",
    "step",
    "subject",
]

NOW = 1_768_446_720.0  # 2026-01-15T03:12:00Z
HERE = Place("", "eu-west-1")
THERE = Place("staging", "us-east-1")
HOSTILE = "[/foo] [red]x[/red] \x1b[2J\x1b]52;c;ZXZpbA==\x07\u202eabc [@click=app.quit]y[/]"


def ref(name: str = "billing", place: Place = HERE) -> PipelineRef:
    return PipelineRef(place, name)


def action(name: str = "Build", status: str = "", *, ago_s: float | None = None, **more: Any) -> ActionState:
    return ActionState(name, status, changed_at=None if ago_s is None else NOW - ago_s, **more)


def stage(name: str, status: str = "", *actions: ActionState, run: str = "run-1", **more: Any) -> StageState:
    """A stage; without actions it has one of its own name and status. `closed` is the reason of a disabled way."""
    closed = more.pop("closed", None)
    way = Transition() if closed is None else Transition(False, "sam", NOW - 3600, closed)
    return StageState(name, status, run if status else "", way, actions or (action(name, status, ago_s=60),), **more)


def state(*stages: StageState, version: int = 3) -> PipelineState:
    return PipelineState("billing", version, stages)


def execution(
    status: str = "Succeeded", *, run: str = "run-1", ago_s: float = 600, took_s: float = 240, **more: Any
) -> Execution:
    """An execution that began `ago_s` ago."""
    began = NOW - ago_s
    return Execution(run, status, began, None if status == "InProgress" else began + took_s, **more)


def snapshot(
    *stages: StageState, of: PipelineRef | None = None, latest: Execution | None = None, **more: Any
) -> PipelineSnapshot:
    """A snapshot read just now; without stages, one whose state could not be read."""
    return PipelineSnapshot(of or ref(), more.pop("read_at", NOW), state(*stages) if stages else None, latest, **more)


def entry(*stages: StageState, **more: Any) -> Entry:
    shot = snapshot(*stages, **more)
    return Entry(shot.ref, shot, assess(shot, NOW))


def revision(summary: str = "Validate IBANs", **more: Any) -> Revision:
    return Revision("Source", "0123456789abcdef", summary, **more)


def definition(*stages: StageDecl, **more: Any) -> Definition:
    default = (
        StageDecl("Source", (ActionDecl("Source", "Source", "CodeStarSourceConnection"),)),
        StageDecl("Build", (ActionDecl("Build", "Build", "CodeBuild", configuration={"ProjectName": "billing"}),)),
    )
    return Definition("billing", 3, "arn:aws:iam::111122223333:role/pipe", stages or default, {}, **more)


def subject(**more: Any) -> Subject:
    """Billing, whose build failed."""
    declared = definition()
    failed = action("Build", "Failed", ago_s=60, error_message="Build terminated with state: FAILED")
    return Subject(
        ref=more.pop("ref", ref()),
        identity=Identity("111122223333", "arn:aws:iam::111122223333:user/lena"),
        definition=declared,
        state=state(stage("Source", "Succeeded"), stage("Build", "Failed", failed)),
        now=NOW,
        stage=declared.stages[1],
        action=declared.stages[1].actions[0],
        action_state=failed,
        execution=execution("Failed"),
        **more,
    )


def fact(n: int = 1, operation: str = "BatchGetBuilds", outcome: Outcome = Outcome.OK, **more: Any) -> Fact:
    return Fact(n, more.pop("service", "codebuild"), operation, more.pop("params", {"ids": ["web:1"]}), outcome, **more)


def finding(cause: str = "artifact.access-denied", confidence: float = 0.8, **more: Any) -> Finding:
    return Finding(cause, confidence, more.pop("title", f"{cause} it is"), more.pop("summary", "It was seen."), **more)


def answered(verdict: Verdict = Verdict.PASSED, detail: str = "Fine.", **more: Any) -> Answer:
    return Answer(verdict, detail, **more)


def plan(**more: Any) -> Plan:
    """Allow s3:GetObject for the role of the build."""
    role = "arn:aws:iam::111122223333:role/service-role/codebuild-billing"
    put = Call("iam", "PutRolePolicy", {"RoleName": "codebuild-billing", "PolicyName": "fixes", "PolicyDocument": "{}"})
    undo = Call("iam", "DeleteRolePolicy", {"RoleName": "codebuild-billing", "PolicyName": "fixes"})
    given: dict[str, Any] = {
        "id": "iam.add-action",
        "title": "Allow s3:GetObject for role codebuild-billing",
        "place": HERE,
        "account": "111122223333",
        "pipeline": "billing",
        "resource": role,
        "call": put,
        "risk": Risk.LOW,
        "risk_note": "Adds one permission.",
        "precondition": Check("The policy is as it was read", (), lambda _: True),
        "verification": Check("IAM allows it", (), lambda _: True),
        "after": '{\n  "Version": "2012-10-17"\n}',
        "permissions": ("iam:PutRolePolicy",),
        "undo": Undo("Delete the inline policy", undo),
    }
    return Plan(**(given | more))


def automatic(**more: Any) -> Fix:
    return Fix("artifact.access-denied.allow", "Allow s3:GetObject", plan=plan(**more))


async def _nothing(_subject: Subject, _evidence: Any) -> Facts:
    return {}


def step(
    id: str = "look",  # noqa: A002 (as the field)
    answer: Answer | None = None,
    *,
    after: tuple[str, ...] = (),
    when: Callable[[Subject, Mapping[str, Answer]], bool] = always,
    gather: Callable[[Subject, Any], Awaitable[Facts]] = _nothing,
    judge: Callable[[Subject, Facts], Answer] | None = None,
) -> Step:
    """A step that reads nothing and answers what it is told to."""
    said = answer or answered()
    return Step(
        id, f"How is {id}?", "An expert asks.", ("codebuild:BatchGetBuilds",), gather, judge or (lambda *_: said),
        after, when,
    )  # fmt: skip


def playbook(*steps: Step, id: str = "codebuild", fits: float = 1.0) -> Playbook:  # noqa: A002 (as the field)
    return Playbook(id, id.title(), "", steps or (step(),), lambda _: fits, ())


class NoEvidence:
    """Evidence for steps that read nothing."""

    facts: tuple[Fact, ...] = ()
    calls = 0

    async def read(self, *_: Any, **__: Any) -> Fact:
        raise AssertionError("nothing is to be read")

    async def again(self, n: int) -> Fact:
        raise KeyError(n)

    async def archive(self, *_: Any, **__: Any) -> Fact:
        raise NotImplementedError

    async def log(self, *_: Any, **__: Any) -> Fact:
        raise AssertionError("nothing is to be read")


def diagnosis(*findings: Finding, facts: tuple[Fact, ...] = (), verdicts: Iterable[Verdict] = ()) -> Diagnosis:
    """What a run found; one check for each verdict."""
    checks = tuple(Checked("codebuild", step(f"s{n}"), answered(each)) for n, each in enumerate(verdicts))
    return Diagnosis(subject(), "failed", findings, checks, facts, 5, 1.23)
