"""Ten histories whose optimum is found by trying every order: what is saved, and that nothing unsafe is proposed."""

from __future__ import annotations

import pytest

from core.fact import Fact, Outcome
from core.pipeline import ActionDecl
from core.profile.advice import parallel, regions
from core.profile.case import Case
from tests.profile.blind import BLIND, Blind
from tests.profile.made import Player, act, case_of, made, source, structure_of


@pytest.mark.parametrize("blind", BLIND, ids=lambda blind: blind.name)
def test_the_saving_is_within_a_tenth_of_the_best_of_all_orders(blind: Blind) -> None:
    structure = structure_of(blind.definition)
    current = Fact(3, "codepipeline", "GetPipeline", {"name": "shop"}, Outcome.OK, {"pipeline": structure})
    case = case_of(blind.definition, blind.player.history(40), facts={"pipeline": current})
    best = blind.now_s - blind.least_s
    assert best > 30
    advice = parallel.advise(case)[0]
    assert advice.saved_s == pytest.approx(best, rel=0.1)
    plan = advice.fixes[0].plan
    assert plan
    after = {
        action["name"]: (number, action["runOrder"])
        for number, stage in enumerate(plan.call.params["pipeline"]["stages"])
        for action in stage["actions"]
    }
    assert set(after) == set(blind.seconds)
    assert [pair for pair in blind.pairs if after[pair[0]] >= after[pair[1]]] == []


@pytest.mark.parametrize("blind", BLIND, ids=lambda blind: blind.name)
def test_what_a_person_would_keep_stands_in_that_order_before(blind: Blind) -> None:
    before = {
        action.name: (number, action.run_order)
        for number, stage in enumerate(blind.definition.stages)
        for action in stage.actions
    }
    assert [pair for pair in blind.pairs if before[pair[0]] >= before[pair[1]]] == []


def test_services_deployed_one_after_another_in_a_stage_are_for_a_person_to_decide() -> None:
    def ship(name: str, order: int) -> ActionDecl:
        return act(name, "Deploy", order=order, inputs=("App",), configuration={"ServiceName": name.lower()})

    def case(*names: str) -> Case:
        definition = made(
            ("Source", [source()]),
            ("Build", [act("Build", inputs=("Src",), outputs=("App",))]),
            ("Out", [ship(name, order) for order, name in enumerate(names, 1)]),
        )
        seconds = {"Source": 3.0, "Build": 100.0, **dict.fromkeys(names, 200.0)}
        return case_of(definition, Player(definition, seconds).history(20))

    found = case("Orders", "Worker", "Mailer")
    assert parallel.advise(found) == []
    asked = regions.advise(found)[0]
    assert asked.title.startswith("Deploy Orders, Worker, Mailer side by side, if none needs another: ")
    assert asked.saved_s == pytest.approx(400, rel=0.1)
    assert regions.advise(case("Orders-staging", "Orders-prod")) == []
