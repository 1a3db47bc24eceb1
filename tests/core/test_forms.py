"""From a cause to the forms of the menu that put it right."""

from __future__ import annotations

from core.causes import CAUSES
from core.finding import Finding, Fix
from core.forms import _BY_CAUSE, forms_of
from core.place import PipelineRef, Place
from core.plans.pipeline import enable_transition
from core.repair import Corrected, Repair
from tui.fix_choice import ways_of


def found(cause: str, *fixes: Fix, stage: str = "Deploy") -> Finding:
    return Finding(cause, 0.9, "t", "s", stage=stage, action="Ship", fixes=fixes)


def test_every_beginning_is_of_a_cause_that_there_is() -> None:
    known = list(CAUSES)
    assert all(any(each.startswith(begins) for each in known) for begins in _BY_CAUSE)


def test_the_closest_cause_counts_and_nothing_is_offered_without_a_place() -> None:
    assert [form.begins for form in forms_of(found("ecs.health-check"))][:2] == ["health-check:", "service:"]
    assert forms_of(found("ecs.capacity"))[0].begins == "task-definition:"
    assert forms_of(found("ecs.health-check", stage="")) == ()
    assert forms_of(found("perf.cache")) == ()


def test_ways_go_from_what_the_program_does_to_what_a_person_does_each_once() -> None:
    plan = enable_transition(PipelineRef(Place("", "eu-west-1"), "web"), "111122223333", "Deploy")
    hand, made = Fix("a", "Look"), Fix("b", "Enable it", plan=plan)
    patch = Fix("c", "Correct it", repair=Repair("x", Corrected))
    findings = (found("ecs.health-check", hand, patch, made), found("ecs.service-config", made))
    labels = [way.label for way in ways_of(findings)]
    assert labels[0] == "Enable it   (automatic, low risk)"
    assert labels[1] == "Correct it   (patch)"
    assert labels[2].startswith("Set the health check of the target group   (asks; Deploy / Ship)")
    assert labels[-1] == "Look   (by hand)"
    assert len(labels) == len(set(labels))
    assert [way.label for way in ways_of(findings, read_only=True)] == ["Correct it   (patch)", "Look   (by hand)"]
