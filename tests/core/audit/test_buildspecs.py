"""Buildspecs that lie in the source: found in the archive of the newest run, judged as those that stand in projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.audit.case import Case, Kind
from core.audit.judge import judge_all
from core.audit.model import Issue
from core.audit.reads import Reads
from core.audit.rules import discover
from core.fact import Fact, Outcome
from core.pipeline import StageDecl
from tests.core.audit.cases import ACCOUNT, BUCKET, ROLE, SOURCE, action, case, in_source, project
from tests.core.audit.test_gather import Recorded, gathered, named

SPEC = "version: 0.2\nphases:\n  install:\n    runtime-versions:\n      nodejs: 12\n  build:\n    commands:\n"
SECRET = f"{SPEC}      - export API_TOKEN=k3y-9f8e7d6c5b\n"
RULES = {rule.id: rule for rule in discover()}


class Store(Recorded):
    """Evidence with one archive, or none that may be read."""

    def __init__(self, text: str | None, **answers: Any) -> None:
        super().__init__(answers)
        self.text = text
        self.looked: list[tuple[str, str, tuple[str, ...], str]] = []

    async def archive(
        self, bucket: str, key: str, names: Sequence[str], *, region: str = "", role_arn: str = ""
    ) -> Fact:
        self.looked.append((bucket, key, tuple(names), region))
        if self.text is None:
            n = 90 + len(self.looked)
            return Fact(n, "s3", "GetObject", {"Bucket": bucket, "Key": key}, Outcome.DENIED, action="s3:GetObject")
        return Fact(90, "s3", "GetObject", {}, Outcome.OK, {"files": dict.fromkeys(names, self.text)})


def runs(*keys: str) -> dict[str, Any]:
    made = [{"name": "src", "s3location": {"bucket": BUCKET, "key": key}} for key in keys]
    return {"actionExecutionDetails": [{"stageName": "Source", "output": {"outputArtifacts": [each]}} for each in made]}


def built(spec: str = "", kind: str = "CODEPIPELINE") -> dict[str, Any]:
    source = {"type": kind, "buildspec": spec}
    return {"projects": [{"name": "shop", "arn": "p", "serviceRole": ROLE, "source": source}]}


def judged(rule: str, made: Case) -> list[Issue]:
    return list(RULES[rule].judge(made))


async def test_the_newest_source_is_looked_into_for_the_buildspec_alone() -> None:
    store = Store(SECRET, BatchGetProjects=built("ci/build.yml"), ListActionExecutions=runs("new", "old"))
    (one,) = await gathered([named("shop")], Reads({ACCOUNT: store}))
    assert store.looked == [(BUCKET, "new", ("ci/build.yml",), "eu-west-1")]
    (issue,) = judged("secret-buildspec", one)
    assert "ci/build.yml in the source" in issue.summary
    assert "k3y-9f8e7d6c5b" not in repr(replace(issue, facts=()))
    assert [each.title for each in judged("image-outdated", one)] == [
        "Build project shop asks for nodejs 12, which has ended"
    ]


async def test_nothing_is_looked_for_where_the_project_has_its_own_or_another_source() -> None:
    for answer in (built(SECRET), built("", "GITHUB"), built("arn:aws:s3:::specs/build.yml")):
        store = Store(SECRET, BatchGetProjects=answer, ListActionExecutions=runs("new"))
        await gathered([named("shop")], Reads({ACCOUNT: store}))
        assert store.looked == []
        assert "ListActionExecutions" not in store.asked


async def test_a_source_that_is_cloned_holds_no_file() -> None:
    clone = action(
        "Source",
        "Source",
        "CodeStarSourceConnection",
        {"OutputArtifactFormat": "CODEBUILD_CLONE_REF"},
        outputs=("src",),
    )
    store = Store(SECRET, BatchGetProjects=built(), ListActionExecutions=runs("new"))
    pipeline = named("shop", StageDecl("Source", (clone,)), *named("shop").definition.stages[1:])
    await gathered([pipeline], Reads({ACCOUNT: store}))
    assert store.looked == []


async def test_a_source_that_may_not_be_read_is_said_and_accuses_nobody() -> None:
    store = Store(None, BatchGetProjects=built(), ListActionExecutions=runs("new"))
    cases = await gathered([named("shop")], Reads({ACCOUNT: store}))
    found = judge_all(cases)
    assert [each for each in found.findings if each.rule in {"secret-buildspec", "image-outdated"}] == []
    blind = next(each for each in found.blind if each.fact.operation == "GetObject")
    assert blind.denied
    assert set(blind.rules) == {"image-outdated", "privileged", "secret-buildspec"}
    assert "Add s3:GetObject" in blind.sentence


def test_a_file_without_docker_and_without_scripts_needs_no_privileges() -> None:
    privileged = project(privilegedMode=True)
    plain, script = (f"{SPEC}      - {line}\n" for line in ("npm ci", "./ci/pack.sh"))
    sure = judged("privileged", case(SOURCE, *case().definition.stages[1:], facts={**privileged, **in_source(plain)}))
    assert "No command of buildspec.yml in the source uses Docker" in sure[0].summary
    perhaps = judged("privileged", case(facts={**privileged, **in_source(script)}))
    assert [each for each in perhaps if "No command of" in each.summary] == []
    docker = in_source(f"{SPEC}      - docker build .\n")
    assert judged("privileged", case(facts={**privileged, **docker})) == []
    assert Kind.SPEC in docker


async def test_sources_of_one_bucket_that_may_not_be_read_are_told_once() -> None:
    store = Store(None, BatchGetProjects=built(), ListActionExecutions=runs("new"))
    cases = await gathered([named("shop"), named("shop2", *named("shop").definition.stages)], Reads({ACCOUNT: store}))
    told = [each for each in judge_all(cases).blind if each.fact.operation == "GetObject"]
    assert [[ref.name for ref in each.pipelines] for each in told] == [["shop", "shop2"]]
