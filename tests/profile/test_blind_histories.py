"""Ten histories whose optimum is found by trying every order: what is saved, and that nothing unsafe is proposed."""

from __future__ import annotations

import pytest

from core.fact import Fact, Outcome
from core.pipeline import ActionDecl
from core.profile.advice import parallel, regions, split
from core.profile.case import Case
from core.profile.extras import Extras
from core.profile.spec import read_spec
from tests.profile.blind import BLIND, Blind, check
from tests.profile.histories import GAP, IN
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


@pytest.mark.parametrize(
    "command",
    [
        "npx cdk deploy --all --require-approval never",
        "terraform -chdir=infra apply -auto-approve",
        "kubectl -n shop apply -f k8s/",
        "aws ecs update-service --cluster c --service s --force-new-deployment",
        "aws s3 sync dist s3://site",
        "python manage.py migrate",
        "./mvnw -B deploy",
    ],
)
def test_a_build_that_deploys_by_its_buildspec_keeps_its_place_whatever_its_name(command: str) -> None:
    definition = made(
        ("Source", [source()]),
        ("Check", [check("Unit", 1)]),
        ("Finish", [act("Finish", inputs=IN)]),
        ("After", [check("Reach", 1)]),
    )
    seconds = {"Source": 3.0, "Unit": 120.0, "Finish": 100.0, "Reach": 60.0}
    history = Player(definition, seconds).history(12)
    assert parallel.advise(case_of(definition, history))  # by its name it only builds
    spec = read_spec(f"version: 0.2\nphases:\n  build:\n    commands:\n      - {command}\n", "the project's buildspec")
    assert parallel.advise(case_of(definition, history, extras=Extras(specs={"finish": spec}))) == []
    harmless = read_spec("phases:\n  build:\n    commands:\n      - npm run build\n      - docker push $IMAGE\n", "it")
    assert parallel.advise(case_of(definition, history, extras=Extras(specs={"finish": harmless})))


def test_a_build_named_for_infrastructure_that_hands_nothing_on_keeps_its_place() -> None:
    for name, outputs, moved in (("Cdk", (), False), ("CdkSynth", ("Tpl",), True), ("Infra", (), False)):
        definition = made(
            ("Source", [source()]),
            ("One", [check("Unit", 1)]),
            ("Two", [act(name, inputs=IN, outputs=outputs)]),
        )
        history = Player(definition, {"Source": 3.0, "Unit": 120.0, name: 100.0}).history(12)
        assert bool(parallel.advise(case_of(definition, history))) is moved


def test_two_branches_with_tests_of_their_own_are_proposed_as_two_pipelines() -> None:
    blind = next(each for each in BLIND if each.name == "two branches with tests of their own")
    (found,) = split.advise(case_of(blind.definition, blind.player.history(40)))
    longest = 4 + 140 + 100 + 110 + 3 * GAP  # the slower source, then the branch that takes longest
    assert found.saved_s == pytest.approx(blind.now_s - longest, rel=0.1)
    assert [line.split(" (")[0] for line in found.lines[:2]] == [
        "A: BuildApi / BuildApi, TestApi / TestApi, OutApi / OutApi",
        "B: BuildWeb / BuildWeb, TestWeb / TestWeb, OutWeb / OutWeb",
    ]
