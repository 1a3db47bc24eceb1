"""The form of a team playbook as JSON Schema: editors complete by it, and `checked` checks by it."""

from __future__ import annotations

from typing import Any

__all__ = ["CONDITIONS", "SCHEMA"]

CONDITIONS = ("failed", "stuck", "waiting", "running", "off", "stopped", "ok", "never")
_CATEGORIES = ("Source", "Build", "Test", "Deploy", "Invoke", "Approval", "Compute")
_NAME = "^[a-z][a-z0-9_]*$"
_ID = "^[a-z][a-z0-9-]*$"


def _text(description: str, most: int = 2000, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, "minLength": 1, "maxLength": most, **more}


def _list(of: dict[str, Any], description: str, most: int = 20) -> dict[str, Any]:
    return {"type": "array", "description": description, "items": of, "minItems": 1, "maxItems": most}


def _table(description: str, required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


_LINK = _table(
    "A page to read.",
    ("title", "url"),
    title=_text("What it is.", 120),
    url=_text("Its address; expressions in it are percent-encoded.", pattern="^https://"),
)
_FIX = _table(
    "One way to put it right by hand.",
    ("title",),
    title=_text("What it does, in one line.", 200),
    risk={"type": "string", "enum": ["low", "medium", "high"], "description": "How much it can hurt; low unless said."},
    steps=_list(_text("One thing to do."), "What to do, in order."),
    commands=_list(_text("One command."), "Commands to paste; values are quoted for the shell by themselves."),
    console_url=_text("Where in the AWS console.", pattern="^https://"),
)
_FINDING = _table(
    "A cause, named when the step's answer is failed.",
    ("cause", "title", "summary"),
    when=_text("The id of the log pattern that must have matched; any failure of the step unless given.", pattern=_ID),
    cause=_text("A cause of pipemedic's vocabulary, e.g. build.test-failed.", 80),
    confidence={"type": "number", "minimum": 0, "maximum": 1, "description": "How sure it is; 0.6 unless said."},
    proven={"type": "boolean", "description": "Whether the expectation proves it; never with a log pattern."},
    title=_text("One line, with names.", 200),
    summary=_text("What was seen, and why it breaks the pipeline."),
    disproved_by=_text("What would show it to be wrong."),
    fixes=_list(_FIX, "What to do about it."),
)
_CALL = _table(
    "One API call that only reads.",
    ("name", "service", "operation"),
    name=_text("By which expressions call its answer.", 40, pattern=_NAME),
    service=_text("The service as botocore names it, e.g. codebuild.", 60, pattern="^[a-z][a-z0-9-]*$"),
    operation=_text("The operation as the API names it, e.g. BatchGetProjects.", 80, pattern="^[A-Z][A-Za-z0-9]*$"),
    params={"type": "object", "description": "The request; {expressions} in its texts are filled in."},
    region=_text("Another region than the action's.", 80),
)
_EXPECT = _table(
    "What must hold.",
    ("that",),
    that=_text("JMESPath over the answers; true is passed, false is failed, null is unknown.", 500),
    passed=_text("What to say when it holds."),
    failed=_text("What to say when it does not."),
)
_LOG = _table(
    "A pattern that must not be in the build's log.",
    ("id", "pattern"),
    id=_text("By which findings name it.", 40, pattern=_ID),
    pattern=_text("A regular expression (Python's), searched in each line.", 300),
    says=_text("What it means."),
)
_ASK = _table(
    "A question that only a person can answer.",
    ("text",),
    text=_text("The question."),
    look=_list(_text("One thing to look at."), "What to look at."),
    link=_text("Where to look.", pattern="^https://"),
)
_STEP = _table(
    "One question.",
    ("id", "question", "why"),
    id=_text("Short and stable.", 40, pattern=_ID),
    question=_text("Ends with a question mark.", 120, pattern="\\?$"),
    why=_text("One sentence: why an expert asks this.", 300),
    after=_list(_text("The id of an earlier step.", 40), "Steps that must have been answered first."),
    when=_text("JMESPath over what is known; the step is left out where it is not true.", 500),
    calls=_list(_CALL, "What is read; an answer may be used in the calls after it.", 10),
    expect=_EXPECT,
    log=_list(_LOG, "Patterns over the log of the action's build."),
    ask=_ASK,
    links=_list(_LINK, "Pages to read."),
    findings=_list(_FINDING, "Causes to name when the answer is failed."),
)


def _one_or_more(description: str, of: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "anyOf": [of, {"type": "array", "items": of, "minItems": 1, "maxItems": 20}]}


_APPLIES = _table(
    "Which actions it is made for: all that is given must fit.",
    (),
    category=_one_or_more("Kind of the action.", {"type": "string", "enum": list(_CATEGORIES)}),
    provider=_one_or_more("Provider of the action, e.g. CodeBuild.", _text("A provider.", 60)),
    pipeline=_one_or_more("Name of the pipeline, with * and ?.", _text("A pattern.", 120)),
    error=_text("A regular expression over what the action's error says.", 300),
    condition=_one_or_more("How the pipeline is.", {"type": "string", "enum": list(CONDITIONS)}),
    fit={
        "type": "number",
        "minimum": 0.2,
        "maximum": 1,
        "description": "How well it fits; 0.7 unless said. Built-in ones have up to 1; the best opens first.",
    },
)

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "pipemedic team playbook",
    **_table(
        "Checks that a team adds to pipemedic's own. See docs/team-playbooks.md.",
        ("id", "title", "summary", "steps"),
        id=_text("Unique among all playbooks.", 40, pattern=_ID),
        title=_text("A few words.", 60),
        summary=_text("What it finds out.", 400),
        applies=_APPLIES,
        steps=_list(_STEP, "The questions, in order.", 40),
    ),
}
