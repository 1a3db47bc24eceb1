"""Ten pipelines with histories and the least time they could take, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.pipeline import Definition, StageDecl
from tests.profile.made import Player, act, made, source

IN = ("Src",)
GAP = 1.5


@dataclass(frozen=True, slots=True)
class Known:
    """A pipeline, its usual seconds, and what the best safe order saves; `split_s` what two pipelines would save."""

    name: str
    definition: Definition
    seconds: Mapping[str, float]
    saves_s: float
    split_s: float = 0.0
    waits: dict[str, float] = field(default_factory=dict)

    @property
    def player(self) -> Player:
        return Player(self.definition, self.seconds, spread=0.04, waits=self.waits, gap_s=GAP)


def _serial_tests() -> Known:
    tests = [
        act(name, "Test", order=order, inputs=IN) for order, name in enumerate(("Unit", "Lint", "Contract", "E2E"), 1)
    ]
    definition = made(
        ("Source", [source()]),
        ("Build", [act("Compile", inputs=IN, outputs=("App",))]),
        ("Test", tests),
        ("Deploy", [act("Ship", "Deploy", inputs=("App",))]),
    )
    seconds = {"Source": 4, "Compile": 200, "Unit": 150, "Lint": 60, "Contract": 120, "E2E": 240, "Ship": 90}
    # All four beside the build: 200 + 150 + 60 + 120 + 240 → 240, four changes of group less.
    return Known("serial tests", definition, seconds, 530 + 4 * GAP)


def _independent_builds() -> Known:
    definition = made(
        ("Source", [source()]),
        ("Api", [act("Api", inputs=IN, outputs=("ApiOut",))]),
        ("Web", [act("Web", inputs=IN, outputs=("WebOut",))]),
        ("Pack", [act("Pack", inputs=("ApiOut", "WebOut"), outputs=("All",))]),
    )
    seconds = {"Source": 3, "Api": 180, "Web": 140, "Pack": 50}
    return Known("independent builds", definition, seconds, 140 + GAP)


def _variable() -> Known:
    definition = made(
        ("Source", [source()]),
        (
            "Build",
            [
                act("Version", inputs=IN, namespace="ver"),
                act(
                    "Image",
                    order=2,
                    inputs=IN,
                    configuration={
                        "ProjectName": "image",
                        "EnvironmentVariables": '[{"name":"V","value":"#{ver.NEXT}"}]',
                    },
                ),
                act("Docs", order=3, inputs=IN),
            ],
        ),
    )
    seconds = {"Source": 3, "Version": 40, "Image": 160, "Docs": 100}
    # Image waits for the variable of Version; Docs fits beside Image.
    return Known("variable forbids a move", definition, seconds, 100 + GAP)


def _artifact_chain() -> Known:
    definition = made(
        ("Source", [source()]),
        ("Compile", [act("Compile", inputs=IN, outputs=("Bin",))]),
        ("Check", [act("Check", "Test", inputs=("Bin",))]),
        ("Pack", [act("Pack", inputs=("Bin",), outputs=("Pkg",))]),
    )
    seconds = {"Source": 3, "Compile": 120, "Check": 80, "Pack": 70}
    return Known("artifact forbids a move", definition, seconds, 70 + GAP)


def _approval() -> Known:
    definition = made(
        ("Source", [source()]),
        ("Build", [act("Build", inputs=IN, outputs=("App",)), act("Unit", "Test", order=2, inputs=IN)]),
        ("Gate", [act("Approve", "Approval")]),
        ("Verify", [act("Load", "Test", inputs=("App",)), act("Scan", "Test", order=2, inputs=("App",))]),
    )
    seconds = {"Source": 3, "Build": 100, "Unit": 90, "Approve": 600, "Load": 130, "Scan": 80}
    # Within each side of the approval only.
    return Known("approval is a barrier", definition, seconds, 90 + 80 + 2 * GAP)


def _regions() -> Known:
    deploys = [
        act(f"Ship-{region}", "Deploy", order=order, inputs=("App",), region=region)
        for order, region in enumerate(("eu-west-1", "us-east-1", "ap-southeast-2"), 1)
    ]
    definition = made(
        ("Source", [source()]),
        ("Build", [act("Build", inputs=IN, outputs=("App",))]),
        ("Deploy", deploys),
        ("Smoke", [act("Smoke", "Test", inputs=IN)]),
    )
    seconds = {"Source": 3, "Build": 100, "Smoke": 60}
    seconds = seconds | {"Ship-eu-west-1": 200, "Ship-us-east-1": 210, "Ship-ap-southeast-2": 190}
    return Known("several regions", definition, seconds, 390 + 2 * GAP)


def _branches() -> Known:
    definition = made(
        ("Source", [source()]),
        ("BuildApi", [act("BuildApi", inputs=IN, outputs=("Api",))]),
        ("ShipApi", [act("ShipApi", "Deploy", inputs=("Api",))]),
        ("BuildWeb", [act("BuildWeb", inputs=IN, outputs=("Web",))]),
        ("ShipWeb", [act("ShipWeb", "Deploy", inputs=("Web",))]),
    )
    seconds = {"Source": 4, "BuildApi": 200, "ShipApi": 100, "BuildWeb": 150, "ShipWeb": 120}
    # In one pipeline the builds go side by side, the deployments keep their order; as two, the longer branch counts.
    return Known("two branches", definition, seconds, 150 + GAP, split_s=270 + 2 * GAP)


def _best_already() -> Known:
    definition = made(
        ("Source", [source()]),
        ("Build", [act("Build", inputs=IN, outputs=("App",)), act("Lint", "Test", inputs=IN)]),
        ("Deploy", [act("Ship", "Deploy", inputs=("App",))]),
        ("Smoke", [act("Smoke", "Test", inputs=IN)]),
    )
    return Known("nothing to gain", definition, {"Source": 3, "Build": 150, "Lint": 40, "Ship": 90, "Smoke": 30}, 0)


def _queueing() -> Known:
    definition = made(
        ("Source", [source()]),
        ("Test", [act("Unit", "Test", inputs=IN), act("Types", "Test", order=2, inputs=IN)]),
        ("Deploy", [act("Ship", "Deploy", inputs=IN)]),
        mode="QUEUED",
    )
    seconds = {"Source": 3, "Unit": 120, "Types": 100, "Ship": 240}
    return Known("queueing", definition, seconds, 100 + GAP, waits={"Deploy": 180.0})


def _conditions() -> Known:
    before = made(
        ("Source", [source()]),
        ("Build", [act("Build", inputs=IN), act("Unit", "Test", order=2, inputs=IN)]),
        ("Judged", [act("Perf", "Test", inputs=IN), act("Soak", "Test", order=2, inputs=IN)]),
    )
    stages = tuple(
        StageDecl(each.name, each.actions, ("onSuccess",) if each.name == "Judged" else ()) for each in before.stages
    )
    seconds = {"Source": 3, "Build": 100, "Unit": 80, "Perf": 90, "Soak": 70}
    # Side by side within each stage; the judged stage keeps its own.
    return Known("conditions keep a stage", replace(before, stages=stages), seconds, 80 + 70 + 2 * GAP)


KNOWN = (
    _serial_tests(),
    _independent_builds(),
    _variable(),
    _artifact_chain(),
    _approval(),
    _regions(),
    _branches(),
    _best_already(),
    _queueing(),
    _conditions(),
)
