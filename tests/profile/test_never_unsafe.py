"""Whatever the pipeline: after a proposed edit everything is made before it is used. The judge here shares no code."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.pipeline import ActionDecl, Definition
from core.profile.arrange import arrange, places_of
from core.profile.edit import moves, rearrange
from core.profile.graph import graph_of
from core.profile.safety import broken_orders
from tests.profile.made import act, made, source, structure_of, with_raw

FLIP = st.booleans()
CATEGORIES = ("Build", "Build", "Test", "Test", "Deploy", "Approval", "Invoke")


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    artifacts, spaces = ["Src"], ["src"]
    stages = [("Source", [source(namespace="src")])]
    number = 0
    for index in range(draw(st.integers(1, 5))):
        actions: list[ActionDecl] = []
        order = 1
        new: tuple[list[str], list[str]] = ([], [])
        for _ in range(draw(st.integers(1, 4))):
            number += 1
            if len(actions) > 0 and draw(FLIP):
                order += draw(st.integers(1, 3))
                artifacts += new[0]
                spaces += new[1]
                new = ([], [])
            action, made_artifact, made_space = _action(draw, number, order, artifacts, spaces)
            actions.append(action)
            new[0].extend(made_artifact)
            new[1].extend(made_space)
        artifacts += new[0]
        spaces += new[1]
        stages.append((f"Stage{index}", actions))
    return with_raw(made(*stages))


def _action(
    draw: st.DrawFn, number: int, order: int, artifacts: list[str], spaces: list[str]
) -> tuple[ActionDecl, list[str], list[str]]:
    category = draw(st.sampled_from(CATEGORIES))
    name = f"A{number}"
    if category == "Approval":
        return act(name, "Approval", order=order, configuration={"CustomData": "ok?"}), [], []
    inputs = tuple(draw(st.lists(st.sampled_from(artifacts), min_size=1, max_size=2, unique=True)))
    outputs = (f"Out{number}",) if category == "Build" and draw(FLIP) else ()
    space = f"ns{number}" if draw(FLIP) else ""
    used = draw(st.sampled_from(["", *spaces]))
    more: dict[str, Any] = {"configuration": {"ProjectName": name.lower()}}
    if used:
        more["configuration"]["EnvironmentVariables"] = f'[{{"name":"X","value":"a#{{{used}.Value}}b"}}]'
    if category == "Deploy":
        more["region"] = draw(st.sampled_from(["", "us-east-1", "ap-south-1"]))
    action = act(name, category, order=order, inputs=inputs, outputs=outputs, namespace=space, **more)
    return action, list(outputs), [space] if space else []


def moments(structure: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    return {
        action["name"]: (number, action["runOrder"])
        for number, stage in enumerate(structure["stages"])
        for action in stage["actions"]
    }


def every(structure: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {action["name"]: action for stage in structure["stages"] for action in stage["actions"]}


def complaints(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new, actions = moments(before), moments(after), every(after)
    wrong = [] if set(old) == set(new) else ["actions were lost"]
    makers = {out["name"]: name for name, each in actions.items() for out in each["outputArtifacts"]}
    spaces = {each["namespace"]: name for name, each in actions.items() if "namespace" in each}
    for name, each in actions.items():
        used = [makers[one["name"]] for one in each["inputArtifacts"]]
        used += [spaces[space] for space in re.findall(r"#\{(\w+)\.", json.dumps(each["configuration"]))]
        wrong += [f"{name} uses {one} too early" for one in used if new[one] >= new[name]]
        wrong += _passed(name, actions, old, new)
    return wrong


def _passed(name: str, actions: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    category = actions[name]["actionTypeId"]["category"]
    sides = {other: (old[other] < old[name], new[other] < new[name]) for other in actions}
    if category == "Approval":
        return [f"{other} passed the approval {name}" for other, (was, now) in sides.items() if was != now]
    if category in {"Deploy", "Invoke"}:
        gates = {other for other, each in actions.items() if each["actionTypeId"]["category"] != "Deploy"}
        return [f"{other} no longer gates {name}" for other in gates if sides[other] == (True, False)]
    return []


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions(), st.data(), st.booleans(), st.booleans())
def test_no_edit_ever_uses_what_is_not_made_yet(
    definition: Definition, data: st.DataObject, across: bool, waves: bool
) -> None:
    seconds = {node: float(data.draw(st.integers(1, 300))) for node in places_of(definition)}
    graph = graph_of(definition, waves=waves)
    places = arrange(definition, graph, lambda node: seconds[node], across=across)
    assert not broken_orders(definition, graph, places)
    before = structure_of(definition)
    after = copy.deepcopy(before)
    rearrange(after, moves(places_of(definition), places))
    assert not complaints(before, after)
    assert after["stages"][0] == before["stages"][0]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definitions(), st.randoms(use_true_random=False))
def test_the_judge_refuses_what_breaks_a_need(definition: Definition, rng: Any) -> None:
    graph = graph_of(definition)
    places = places_of(definition)
    spots = list(places.values())
    shuffled = {node: rng.choice(spots) for node in places}
    before, after = structure_of(definition), structure_of(definition)
    rearrange(after, moves(places, shuffled))
    if complaints(before, _numbered(before, after)):
        assert broken_orders(definition, graph, shuffled)


def _numbered(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The rearranged structure with emptied stages kept, so that stages have the numbers they had."""
    held = {stage["name"]: stage for stage in after["stages"]}
    return {"stages": [held.get(stage["name"], {"name": "", "actions": []}) for stage in before["stages"]]}
