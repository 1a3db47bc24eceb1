"""Ten more pipelines, with what a person who knows them would keep in order; the least time is found by trying all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

from core.pipeline import ActionDecl, Definition, StageDecl
from tests.profile.histories import GAP, IN
from tests.profile.made import Player, act, made, source


@dataclass(frozen=True, slots=True)
class Blind:
    """A pipeline, its usual seconds, and chains of actions (``A < B C < D``) that must stay in this order."""

    name: str
    definition: Definition
    seconds: Mapping[str, float]
    keeps: tuple[str, ...]

    @property
    def player(self) -> Player:
        return Player(self.definition, self.seconds, spread=0.04, gap_s=GAP)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for chain in self.keeps:
            groups = [group.split() for group in chain.split("<")]
            found |= {(a, b) for one, other in pairwise(groups) for a in one for b in other}
        return frozenset(found)

    @property
    def now_s(self) -> float:
        groups: dict[tuple[int, int], list[str]] = {}
        for number, stage in enumerate(self.definition.stages):
            for action in stage.actions:
                groups.setdefault((number, action.run_order), []).append(action.name)
        return _took(list(groups.values()), self.seconds)

    @property
    def least_s(self) -> float:
        """The shortest of all orders in groups that keep what must be kept: every one is tried."""
        names = tuple(self.seconds)
        before = {name: frozenset(a for a, b in self.pairs if b == name) for name in names}

        @cache
        def rest(done: frozenset[str]) -> float:
            ready = [name for name in names if name not in done and before[name] <= done]
            left = len(done) + len(ready) < len(names)
            costs = [
                max(self.seconds[name] for name in group)
                + (GAP + rest(done | frozenset(group)) if left or len(group) < len(ready) else 0.0)
                for group in _subsets(ready)
            ]
            return min(costs)

        return rest(frozenset())


def _subsets(names: list[str]) -> Iterator[list[str]]:
    for mask in range(1, 1 << len(names)):
        yield [name for number, name in enumerate(names) if mask >> number & 1]


def _took(groups: list[list[str]], seconds: Mapping[str, float]) -> float:
    return sum(max(seconds[name] for name in group) for group in groups) + GAP * (len(groups) - 1)


def check(name: str, order: int = 1, *inputs: str, **more: Any) -> ActionDecl:
    return act(name, "Test", order=order, inputs=inputs or IN, **more)


def given(**variables: str) -> str:
    """A build's variables as CodePipeline's configuration has them: JSON in a text."""
    held = ",".join(f'{{"name":"{name}","value":"{value}","type":"PLAINTEXT"}}' for name, value in variables.items())
    return f"[{held}]"


def building(project: str, **variables: str) -> dict[str, str]:
    return {"ProjectName": project, "EnvironmentVariables": given(**variables)}


def _shared_artifacts() -> Blind:
    definition = made(
        ("Source", [source()]),
        ("Build", [act("Compile", inputs=IN, outputs=("Bin", "Symbols"))]),
        ("Check", [check("Unit", 1, "Bin"), check("Fuzz", 2, "Bin", "Symbols"), check("Licences", 3)]),
        (
            "Pack",
            [
                act("Pack", inputs=("Bin",), outputs=("Pkg",)),
                act("Sign", order=2, inputs=("Pkg",), outputs=("Signed",)),
            ],
        ),
        ("Deliver", [act("Out", "Deploy", inputs=("Signed",))]),
    )
    seconds = {"Source": 4.0, "Compile": 180.0, "Unit": 120.0, "Fuzz": 240.0, "Licences": 45.0}
    seconds |= {"Pack": 60.0, "Sign": 30.0, "Out": 100.0}
    keeps = ("Source < Compile < Unit Fuzz < Out", "Source < Licences < Out", "Compile < Pack < Sign < Out")
    return Blind("artifacts that several share", definition, seconds, keeps)


def _variables() -> Blind:
    chart = building("chart", AT="#{SourceVariables.CommitId}")
    overrides = '{"ParameterOverrides":"x","Tag":"#{image.DIGEST}"}'
    definition = made(
        ("Source", [source(namespace="SourceVariables")]),
        ("Number", [act("Number", inputs=IN, namespace="number")]),
        (
            "Image",
            [act("Image", inputs=IN, namespace="image", configuration=building("image", TAG="v#{number.NEXT}-x"))],
        ),
        ("Chart", [act("Chart", inputs=IN, outputs=("Tpl",), configuration=chart)]),
        ("Unit", [check("Unit")]),
        (
            "Stack",
            [
                act(
                    "Stack",
                    "Deploy",
                    "CloudFormation",
                    inputs=("Tpl",),
                    configuration={"StackName": "shop", "ParameterOverrides": overrides},
                )
            ],
        ),
    )
    seconds = {"Source": 4.0, "Number": 35.0, "Image": 210.0, "Chart": 70.0, "Unit": 150.0, "Stack": 130.0}
    keeps = ("Source < Number < Image < Stack", "Source < Chart Unit < Stack")
    return Blind("variables within configurations", definition, seconds, keeps)


def _gaps() -> Blind:
    definition = made(
        ("Source", [source()]),
        ("Build", [act("Build", inputs=IN, outputs=("App",))]),
        (
            "Verify",
            [
                check("Static", 2),
                check("Unit", 5, "App", namespace="unit"),
                check("Cover", 9, configuration=building("cover", PERCENT="#{unit.COVERED}")),
                check("Docs", 40),
                check("Size", 999, "App"),
            ],
        ),
    )
    seconds = {"Source": 3.0, "Build": 120.0, "Static": 80.0, "Unit": 160.0, "Cover": 40.0, "Docs": 90.0, "Size": 25.0}
    keeps = ("Source < Build < Unit < Cover", "Source < Static Docs", "Build < Size")
    return Blind("gaps in runOrder", definition, seconds, keeps)


def _stages() -> Blind:
    checks = ("Lint", "Types", "Unit", "Audit")
    definition = made(
        ("Source", [source()]),
        *((name, [check(name)]) for name in checks),
        ("Build", [act("Build", inputs=IN, outputs=("App",))]),
        ("Scan", [check("Scan", 1, "App")]),
        ("Live", [act("Live", "Deploy", inputs=("App",))]),
    )
    seconds = {"Source": 3.0, "Lint": 40.0, "Types": 65.0, "Unit": 190.0, "Audit": 30.0, "Build": 140.0, "Scan": 80.0}
    seconds |= {"Live": 95.0}
    keeps = ("Source < Build < Scan < Live", "Source < Lint Types Unit Audit < Live")
    return Blind("one check a stage", definition, seconds, keeps)


def _staging_and_production() -> Blind:
    definition = made(
        ("Source", [source()]),
        ("Build", [act("Build", inputs=IN, outputs=("App",))]),
        (
            "Staging",
            [
                act("Staging", "Deploy", inputs=("App",)),
                check("Contract", 2),
                check("Browser", 3),
                check("Security", 4),
            ],
        ),
        ("Release", [act("Approve", "Approval"), act("Production", "Deploy", order=2, inputs=("App",))]),
        ("After", [check("Smoke"), check("Synthetics", 2)]),
    )
    seconds = {"Source": 3.0, "Build": 150.0, "Staging": 120.0, "Contract": 60.0, "Browser": 260.0, "Security": 140.0}
    seconds |= {"Approve": 900.0, "Production": 180.0, "Smoke": 50.0, "Synthetics": 75.0}
    chain = "Source < Build < Staging < Contract Browser Security < Approve < Production < Smoke Synthetics"
    return Blind("tests and an approval gate production", definition, seconds, (chain,))


def _own_variables() -> Blind:
    run = "#{codepipeline.PipelineExecutionId}"
    definition = made(
        ("Source", [source(namespace="SourceVariables")]),
        (
            "Test",
            [
                check("Api", 1, configuration=building("api", RUN=run)),
                check("Ui", 2, configuration=building("ui", TO="#{variables.To}", RUN=run)),
                check("Db", 3, configuration=building("db", BRANCH="#{SourceVariables.BranchName}")),
            ],
        ),
        ("Build", [act("Build", inputs=IN, configuration=building("build", BY=run))]),
    )
    seconds = {"Source": 5.0, "Api": 110.0, "Ui": 200.0, "Db": 95.0, "Build": 180.0}
    return Blind("variables that no action makes", definition, seconds, ("Source < Api Ui Db Build",))


def _infrastructure() -> Blind:
    stack = {"StackName": "shop", "TemplatePath": "Src::infra.yml"}
    definition = made(
        ("Source", [source()]),
        ("Infra", [act("Infra", "Deploy", "CloudFormation", inputs=IN, namespace="infra", configuration=stack)]),
        ("Build", [act("Build", inputs=IN, outputs=("App",))]),
        ("Data", [act("Migrate", "Invoke", "Lambda", configuration={"FunctionName": "migrate"})]),
        ("App", [act("App", "Deploy", inputs=("App",))]),
        (
            "Look",
            [
                check("Journey", 1, configuration=building("journey", URL="#{infra.Url}")),
                check("Load", 2, configuration=building("load", URL="#{infra.Url}")),
            ],
        ),
    )
    seconds = {"Source": 3.0, "Infra": 160.0, "Build": 200.0, "Migrate": 40.0, "App": 150.0}
    seconds |= {"Journey": 120.0, "Load": 170.0}
    keeps = ("Source < Infra Build < Migrate < App < Journey Load",)
    return Blind("infrastructure, data, application", definition, seconds, keeps)


def _commands() -> Blind:
    def run(name: str, order: int, commands: str, *inputs: str) -> ActionDecl:
        return act(name, "Compute", "Commands", order=order, inputs=inputs or IN, configuration={"Commands": commands})

    definition = made(
        ("Source", [source()]),
        ("Check", [run("Format", 1, "npm ci\nnpm run format"), run("Unit", 2, "npm ci\nnpm test"), check("Api", 3)]),
        ("Bundle", [act("Bundle", inputs=IN, outputs=("Site",))]),
        ("Web", [run("Upload", 1, "aws s3 sync . s3://shop-site", "Site")]),
        ("Warm", [act("Warm", "Invoke", "Lambda", configuration={"FunctionName": "warm"})]),
        ("Check2", [check("Reach"), check("Links", 2)]),
    )
    seconds = {"Source": 3.0, "Format": 50.0, "Unit": 130.0, "Api": 90.0, "Bundle": 110.0, "Upload": 40.0}
    seconds |= {"Warm": 20.0, "Reach": 45.0, "Links": 85.0}
    keeps = ("Source < Format Unit Api Bundle < Upload < Warm < Reach Links",)
    return Blind("commands that deploy", definition, seconds, keeps)


def _two_sources() -> Blind:
    definition = made(
        ("Source", [source("Api", "ApiSrc"), source("Web", "WebSrc")]),
        ("BuildApi", [act("BuildApi", inputs=("ApiSrc",), outputs=("ApiOut",))]),
        ("TestApi", [check("TestApi", 1, "ApiOut")]),
        ("OutApi", [act("OutApi", "Deploy", inputs=("ApiOut",))]),
        ("BuildWeb", [act("BuildWeb", inputs=("WebSrc",), outputs=("WebOut",))]),
        ("TestWeb", [check("TestWeb", 1, "WebOut")]),
        ("OutWeb", [act("OutWeb", "Deploy", inputs=("WebOut",))]),
    )
    seconds = {"Api": 3.0, "Web": 4.0, "BuildApi": 140.0, "TestApi": 100.0, "OutApi": 110.0}
    seconds |= {"BuildWeb": 170.0, "TestWeb": 60.0, "OutWeb": 90.0}
    keeps = ("Api Web < BuildApi BuildWeb", "BuildApi < TestApi < OutApi < OutWeb", "BuildWeb < TestWeb < OutWeb")
    return Blind("two branches with tests of their own", definition, seconds, keeps)


def _uneven() -> Blind:
    whole = made(
        ("Source", [source()]),
        (
            "Work",
            [
                check("Long", 1),
                act("Prepare", order=2, inputs=IN, outputs=("Data",)),
                act("Generate", order=3, inputs=IN, outputs=("Gen",)),
                check("OnData", 4, "Data"),
                check("OnGen", 5, "Gen"),
            ],
        ),
        ("Judged", [check("Bench"), check("Size", 2)]),
        ("Done", [act("Note", inputs=IN)]),
    )
    stages = tuple(
        StageDecl(each.name, each.actions, ("beforeEntry",) if each.name == "Judged" else ()) for each in whole.stages
    )
    seconds = {"Source": 3.0, "Long": 300.0, "Prepare": 15.0, "Generate": 20.0, "OnData": 290.0, "OnGen": 280.0}
    seconds |= {"Bench": 100.0, "Size": 30.0, "Note": 20.0}
    keeps = (
        "Source < Long Prepare Generate",
        "Prepare < OnData < Bench Size",
        "Generate < OnGen < Bench Size < Note",
        "Long < Bench",
        "Long < Size",
    )
    return Blind("as early as can be is not the shortest", replace(whole, stages=stages), seconds, keeps)


BLIND = (
    _shared_artifacts(),
    _variables(),
    _gaps(),
    _stages(),
    _staging_and_production(),
    _own_variables(),
    _infrastructure(),
    _commands(),
    _two_sources(),
    _uneven(),
)
