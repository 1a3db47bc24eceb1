"""Build images and runtimes past their support."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.audit.buildspecs import buildspec_of
from core.audit.case import Case, Kind, project_of
from core.audit.fixes import environment_command, project_fix, shows_no_secret
from core.audit.model import Issue, Rule, Severity
from core.audit.tables import Ended, image_ended, runtime_ended, table_date
from core.fact import Fact
from core.plans.codebuild import set_environment

_RUNTIME = re.compile(r"^\s+(?P<name>[a-z]+)\s*:\s*[\"']?(?P<version>[\w.]+)")


def _judge(case: Case) -> Iterator[Issue]:
    for key, fact in case.known(Kind.PROJECT):
        project = project_of(fact)
        image = str((project.get("environment") or {}).get("image", ""))
        if ended := image_ended(image, case.now):
            yield _image(case, key, fact, image, ended)
        spec = buildspec_of(case, key, fact)
        for ended in _runtimes(spec.text, case.now) if spec else ():
            name = str(project.get("name", ""))
            where = "the buildspec" if spec is None or spec.fact is fact else spec.where
            steps = (f"Raise it in {where} of {name} (see {ended.source}) and run the build once.",)
            yield Issue(
                Severity.MEDIUM,
                f"Build project {name} asks for {ended.what}, which has ended",
                f"Support ended on {ended.since} (table of {table_date()}): faults found since then stay.",
                str(project.get("arn", name)),
                ended.what,
                facts=(spec.fact,) if spec else (fact,),
                lines=((spec.fact.n if spec else fact.n, f"runtime-versions: {ended.what}"),),
                fixes=(
                    project_fix(
                        case,
                        key,
                        "audit.runtime",
                        f"Replace {ended.what} by a current version",
                        steps,
                        plan=None,
                        commands=(),
                    ),
                ),
            )


def _image(case: Case, key: str, fact: Fact, image: str, ended: Ended) -> Issue:
    project, region = project_of(fact), key.partition("/")[0]
    name = str(project.get("name", ""))
    instead = ended.instead or "a current image"
    plan = None
    if ended.instead and shows_no_secret(fact):
        note = "Runtimes and tools of the new image differ: run the build once before you rely on it."
        plan = set_environment(case.where, fact, {"image": instead}, risk_note=note, region=region)
    return Issue(
        Severity.MEDIUM,
        f"Build image {image} of project {name} is past its support",
        f"Since {ended.since}: {ended.why} (table of {table_date()}). It gets no fixes, and starts more slowly.",
        str(project.get("arn", name)),
        "image",
        facts=(fact,),
        lines=((fact.n, f"image {image}; see {ended.source}"),),
        fixes=(
            project_fix(
                case,
                key,
                "audit.image",
                f"Use {instead}",
                (
                    f"Set the image of project {name} to {instead}; its variables stay as they are.",
                    "Run the build once.",
                ),
                plan=plan,
                commands=environment_command(case, key, project, {"image": instead}) if ended.instead else (),
            ),
        ),
    )


def _runtimes(spec: str, now: float) -> Iterator[Ended]:
    """Versions under ``runtime-versions`` of a buildspec's own text."""
    inside: int | None = None
    for line in spec.split("\n"):
        if inside is not None and line.strip() and len(line) - len(line.lstrip()) <= inside:
            inside = None
        if line.strip().startswith("runtime-versions"):
            inside = len(line) - len(line.lstrip())
        elif inside is not None and (found := _RUNTIME.match(line)):
            ended = runtime_ended(found["name"], found["version"], now)
            yield from (ended,) if ended else ()


RULE = Rule(
    "image-outdated",
    "audit.image-outdated",
    "A build image or runtime is past its support",
    "Its holes stay open, and one day it is no longer there when a build must run.",
    Severity.MEDIUM,
    (Kind.PROJECT, Kind.RUNS, Kind.SPEC),
    _judge,
    "https://docs.aws.amazon.com/codebuild/latest/userguide/deprecated-images.html",
)
