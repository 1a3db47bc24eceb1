from __future__ import annotations

import pytest

from core.fact import Fact, Outcome
from core.profile.advice import parallel, split
from core.profile.advice import regions as waves
from core.profile.arrange import places_of
from core.profile.graph import graph_of
from core.profile.safety import broken_orders
from tests.profile.histories import KNOWN, Known
from tests.profile.made import Player, act, case_of, made, source, structure_of


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_the_saving_is_within_a_tenth_of_the_optimum(known: Known) -> None:
    case = case_of(known.definition, known.player.history(40))
    best = parallel.best_places(case)
    saved = best[1].saved_s if best else 0.0
    assert saved == pytest.approx(known.saves_s, rel=0.1, abs=3.0)
    if best:
        places, outcome = best
        assert not broken_orders(known.definition, case.graph, places)
        assert outcome.runs == 40
        assert outcome.error < 0.02
        assert outcome.low_s <= outcome.saved_s <= outcome.high_s


@pytest.mark.parametrize("known", [each for each in KNOWN if each.saves_s], ids=lambda known: known.name)
def test_the_fix_moves_the_actions_in_the_structure(known: Known) -> None:
    structure = structure_of(known.definition)
    current = Fact(3, "codepipeline", "GetPipeline", {"name": "shop"}, Outcome.OK, {"pipeline": structure})
    case = case_of(known.definition, known.player.history(12), facts={"pipeline": current})
    advice = parallel.advise(case)[0]
    plan = advice.fixes[0].plan
    assert plan is not None
    sent = plan.call.params["pipeline"]
    assert {a["name"] for s in sent["stages"] for a in s["actions"]} == {a[1] for a in places_of(known.definition)}
    assert all(stage["actions"] for stage in sent["stages"])
    assert sent["version"] == 7
    assert plan.undo is not None
    assert advice.facts == (3,)


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_only_branches_of_their_own_are_split(known: Known) -> None:
    found = split.advise(case_of(known.definition, known.player.history(30)))
    if not known.split_s:
        assert found == []
        return
    assert found[0].saved_s == pytest.approx(known.split_s, rel=0.1)
    assert found[0].lines[0].startswith("A: BuildApi / BuildApi, ShipApi / ShipApi")


def test_regions_in_stages_of_their_own_stay_in_order_and_are_advice_for_a_person() -> None:
    regions = ("eu-west-1", "us-east-1", "ap-southeast-2")
    definition = made(
        ("Source", [source()]),
        ("Build", [act("Build", inputs=("Src",), outputs=("App",))]),
        *((f"Deploy-{name}", [act(f"Ship-{name}", "Deploy", inputs=("App",), region=name)]) for name in regions),
    )
    seconds = {"Source": 3.0, "Build": 100.0, **{f"Ship-{name}": 200.0 for name in regions}}
    case = case_of(definition, Player(definition, seconds).history(20))
    assert parallel.advise(case) == []
    found = waves.advise(case)
    assert found[0].saved_s == pytest.approx(400, rel=0.1)
    assert "waves" in found[0].summary
    strict = graph_of(definition)
    wider = graph_of(definition, waves=False)
    assert set(wider.ordered) < set(strict.ordered)
