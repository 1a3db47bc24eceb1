"""Made-up data for the gallery and the tests: what a bad night looks like, and what an attacker would write."""

import json

from rich.text import Text

from widgets import document as doc
from widgets.graph_model import GraphAction, GraphStage, GraphTransition
from widgets.log_lines import MarkKind
from widgets.stage_strip import stage_strip
from widgets.status import Tone, status_text
from widgets.step_list import StepRow
from widgets.table_model import Column, Row

HOSTILE = (
    "[/foo] [@click=app.quit]x[/] [red]r[/red] $text \x1b[2J\x1b[31mred\x1b[0m \x1b]52;c;ZXZpbA==\x07 "
    "\x1b]0;title\x1b\\ \x9b31m \x07\x08\r\n\t\u202egnp.exe\u2066 \u2028 \x00 日本語 \ud800"
)

COLUMNS = (
    Column("status", "STATUS", 10),
    Column("pipeline", "PIPELINE", 18),
    Column("stages", "STAGES", 8, drop=3),
    Column("what", "WHAT", 16, flexible=True),
    Column("who", "WHO", 12, drop=4),
    Column("took", "TOOK", 10, "right", drop=2),
    Column("age", "AGE", 5, "right"),
)

_O, _X, _R, _W, _F, _I = Tone.OK, Tone.FAILED, Tone.RUNNING, Tone.WAITING, Tone.OFF, Tone.IDLE


def _row(tone: Tone, word: str, name: str, stages: tuple[Tone, ...], what: str, rest: tuple[str, str, str]) -> Row:
    who, took, age = rest
    faint = Text(who, "$foreground-muted", no_wrap=True)
    return Row(name, (status_text(tone, word), name, stage_strip(stages), what, faint, took, age), dim=age == "9d")


ROWS = (
    _row(_X, "failed", "checkout-api", (_O, _O, _X, _I, _I), "Raise cart limit", ("lena", "6m 12s", "4m")),
    _row(_X, "failed", "billing", (_X, _I, _I, _I, _I), "main · pin base image", ("sam", "41s", "12m")),
    _row(_X, "failed", "search-index", (_O, _X, _I, _I), "bump lucene 9.11", ("renovate", "3m 2s", "31m")),
    _row(Tone.STUCK, "stuck", "mobile-ios", (_O, _R, _I, _I), "nightly", ("schedule", "3h (7m)", "3h")),
    _row(_W, "approval", "payments", (_O, _O, _O, _W, _I), "2 days left · v41", ("ada", "9h", "9h")),
    _row(_R, "running", "ledger", (_O, _O, _R, _I, _I), "Fix rounding of interest, closed days", ("kim", "2m", "2m")),
    _row(_R, "running", "web", (_O, _R, _I, _I), "Update deps", ("renovate", "1m/4m", "1m")),
    _row(_F, "off", "search-prod", (_O, _O, _O, _F, _I), "frozen by sam", ("sam", "", "1d")),
    _row(_O, "ok", "mailer", (_O,) * 5, "Retry on 429", ("kim", "5m 1s", "2h")),
    _row(_O, "ok", "a-pipeline-with-a-very-long-name", (_O,) * 20, HOSTILE, (HOSTILE, "5m 1s", "3h")),
    _row(Tone.UNKNOWN, "unread", "legacy-batch", (_I,) * 3, "not read since 12:03", ("", "", "9d")),
    *(
        _row(_O, "ok", f"service-{n:03}", (_O,) * 4, "Bump version", ("renovate", f"{n % 9 + 1}m 4s", f"{n}h"))
        for n in range(1, 60)
    ),
)

STAGES = (
    GraphStage("Source", _O, (GraphAction("Fetch", "CodeConnections", _O, 1, "4f2a91c"),)),
    GraphStage(
        "Build",
        _R,
        (
            GraphAction("UnitTests", "CodeBuild", _O, 1, "3m 12s"),
            GraphAction("Lint", "CodeBuild", _O, 1, "48s"),
            GraphAction("Package", "CodeBuild", _R, 2, "1m 4s"),
        ),
        GraphTransition(enabled=True),
    ),
    GraphStage(
        "Deploy",
        _X,
        (GraphAction("Ship", "ECS", _X, 1, "health checks failed for 2 of 3 targets"),),
        GraphTransition(enabled=True),
    ),
    GraphStage(
        "Smoke", _I, (GraphAction("Probe", "Lambda", _I),), GraphTransition(enabled=False, detail="frozen by sam")
    ),
    GraphStage(
        "Prod",
        _I,
        (GraphAction("Approve", "Manual", _W, 1, "2 days left"), GraphAction("Ship", "ECS", _I, 2)),
        GraphTransition(enabled=True),
    ),
)

LOG_NAME = "Build / Package · /aws/codebuild/checkout-api:9b1c"
FIRST_ERROR = 412


def _log() -> list[str]:
    lines = [
        f"[Container] 2026/11/23 03:{n // 60 % 60:02}:{n % 60:02}.{n % 997:06} Running command npm run test:unit -- {n}"
        for n in range(2_000)
    ]
    lines[100:104] = [
        "\x1b[32mPASS\x1b[0m src/cart.test.ts (\x1b[1m4.1 s\x1b[0m)",
        "\x1b[38;5;208mwarn\x1b[0m - deprecated \x1b[4munderlined\x1b[24m \x1b[38;2;90;180;250mtrue colour\x1b[0m",
        "Downloading   1%\rDownloading  55%\rDownloading 100%",
        "col1\tcol2\tcol3",
    ]
    lines[FIRST_ERROR] = "AccessDenied: User is not authorized to perform: s3:GetObject on arn:aws:s3:::artifacts/x"
    lines[FIRST_ERROR + 1] = HOSTILE
    lines[FIRST_ERROR + 2] = "x" * 100_000
    lines[FIRST_ERROR + 5] = "[Container] 2026/11/23 03:06:57 Command did not exit successfully npm ci exit status 254"
    return lines


LOG = _log()
MARKS = {0: MarkKind.PHASE, FIRST_ERROR: MarkKind.CAUSE, FIRST_ERROR + 5: MarkKind.ERROR}

STEPS = (
    StepRow("there", "Is the service there and ours?", _O, "0.2 s"),
    StepRow("taskdef", "Does the task definition hold together?", _O, "0.1 s"),
    StepRow("image", "Can the image be pulled?", Tone.DENIED, "denied"),
    StepRow("tasks", "Do tasks stay up?", _O, "0.4 s"),
    StepRow("targets", "Are the targets healthy?", _X, "0.3 s"),
    StepRow("grace", "Does start-up fit the grace period?", _R),
    StepRow("hostile", HOSTILE, _I, HOSTILE),
)

DOCUMENT = (
    doc.heading("5  Are the targets healthy?"),
    doc.paragraph(
        "Why: a rolling deployment waits until new tasks pass their health check. Where they do not, it waits, "
        "replaces them, and gives up in the end.",
        muted=True,
    ),
    doc.gap(),
    doc.outcome(_X, "1 of 2 targets unhealthy", "read 3 s ago"),
    doc.fact(3, "elbv2 DescribeTargetHealth", "10.0.3.7:8080 unhealthy\nTarget.ResponseCodeMismatch · 503"),
    doc.fact(4, "logs GetLogEvents /ecs/web", 'listening on :8080" 41 s after start', note="read 2 s ago"),
    doc.fact(5, "ecr BatchGetImage", "not allowed to look: ecr:BatchGetImage", tone=Tone.DENIED),
    doc.fact(6, "hostile", HOSTILE),
    doc.gap(),
    doc.heading("Finding  ecs.health-check", "92 % sure"),
    doc.paragraph("The container needs 41 s; checks begin at 0 s and give up after 20 s.", indent=2),
    doc.paragraph("Would be disproved by: healthy within 20 s of start.", indent=2, muted=True),
    doc.gap(),
    doc.heading("What to do"),
    doc.choice("f1", "Set grace period to 60 s on service web", "automatic · low risk · undo"),
    doc.choice("f2", "Health-check interval 10 → 15 s on tg/web", "automatic · affects 2 services"),
    doc.choice("f3", "Answer /healthz before warm-up (code)", "patch"),
    doc.gap(),
    doc.pair("Account", "111122223333"),
    doc.pair("Region", "eu-west-1"),
    doc.pair("Console", "https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/checkout-api/view"),
    doc.code('{"healthCheckGracePeriodSeconds": 60, "service": "web"}', "json"),
    doc.paragraph(HOSTILE),
)

_STATEMENT = {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:GetObjectVersion"],
    "Resource": "arn:aws:s3:::artifacts/*",
}
_LOGS = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
_MORE = [{"Effect": "Allow", "Action": [f"codebuild:Report{n}"], "Resource": "*"} for n in range(6)]
BEFORE = json.dumps(
    {"Version": "2012-10-17", "Statement": [*_MORE, _LOGS, {**_STATEMENT, "Action": ["s3:GetObjectVersion"]}]}, indent=2
)
AFTER = json.dumps(
    {"Version": "2012-10-17", "Statement": [*_MORE, {**_LOGS, "Resource": "arn:aws:logs:*"}, _STATEMENT]}, indent=2
)
LONG_JSON = json.dumps(
    {"pipeline": {"name": HOSTILE, "stages": [{"name": f"Stage{n}", "actions": [], "n": n} for n in range(1_000)]}},
    indent=2,
    ensure_ascii=False,
)
WIZARD_TITLE = "Allow s3:GetObject · role checkout-build · 111122223333 · eu-west-1"
QUESTION = "Change the inline policy of checkout-build?\nAccount 111122223333, eu-west-1. " + HOSTILE
NO_CREDENTIALS = (
    "Looked for: environment, profile default in ~/.aws/config, container and instance metadata.",
    "Profiles found: prod, staging, " + HOSTILE,
)
