"""What differs between two executions, and what does not."""

from __future__ import annotations

import json
from dataclasses import replace

from core.build import Build
from core.comparison import Comparison, Ran, Topic, compare, last_good
from core.pipeline import ActionExecution, Definition, Execution, ExecutionTerms, Revision


def ran(number: int, status: str = "Succeeded") -> Ran:
    """A build of one action, which ran on the same things each time."""
    execution = Execution(
        f"x-{number}", status, 1000.0 * number, revisions=(Revision("Src", "a1b2c3d4e5f6a7b8", "Raise limit"),)
    )
    action = ActionExecution(
        f"a-{number}", execution.id, "Build", "Compile", status, 1000.0 * number,
        provider="CodeBuild", external_id=f"shop:{number}", configuration={"ProjectName": "shop"},
    )  # fmt: skip
    build = Build(
        f"shop:{number}", "", "shop", status, image="aws/codebuild/standard:7.0", compute_type="BUILD_GENERAL1_SMALL",
        service_role="arn:aws:iam::111122223333:role/build", timeout_min=60, environment={"STAGE": "PLAINTEXT"},
    )  # fmt: skip
    definition = Definition("shop", 4, "arn:aws:iam::111122223333:role/pipe", (), {}, raw='{\n  "version": 4\n}')
    terms = ExecutionTerms(4, {"SPEED": "slow"})
    return Ran(execution, terms, definition, (action,), {build.id: build})


def told(found: Comparison, topic: Topic) -> list[tuple[str, str, str]]:
    return [(each.name, each.before, each.after) for each in found.of(topic)]


def with_configuration(side: Ran, **configuration: str) -> Ran:
    return replace(side, actions=tuple(replace(each, configuration=configuration) for each in side.actions))


def test_equal_executions_differ_in_nothing() -> None:
    found = compare(ran(1), ran(2, "Failed"))
    assert found.differences == ()
    assert found.same == tuple(Topic)
    assert found.unknown == ()
    assert not found.patch


def test_a_new_version_of_the_definition_is_shown_as_a_diff_with_its_secrets_masked() -> None:
    definition = Definition(
        "shop", 5, "arn:aws:iam::111122223333:role/other", (), {}, raw='{\n  "version": 5,\n  "OAuthToken": "abcdef"\n}'
    )
    found = compare(ran(1), replace(ran(2), definition=definition, terms=ExecutionTerms(5, {"SPEED": "fast"})))
    assert told(found, Topic.DEFINITION) == [("version", "v4", "v5")]
    assert told(found, Topic.ROLE) == [
        ("role", "arn:aws:iam::111122223333:role/pipe", "arn:aws:iam::111122223333:role/other")
    ]
    assert told(found, Topic.VARIABLES) == [("SPEED", "slow", "fast")]
    assert found.patch.startswith("--- v4\n+++ v5\n")
    assert '+  "OAuthToken": "********"' in found.patch


def test_revisions_that_came_or_went_have_an_empty_other_side() -> None:
    after = ran(2)
    after = replace(after, execution=replace(after.execution, revisions=(Revision("Infra", "77aa", "Add queue"),)))
    assert told(compare(ran(1), after), Topic.REVISIONS) == [
        ("Infra", "", "77aa Add queue"),
        ("Src", "a1b2c3d4e5f6 Raise limit", ""),
    ]


def test_variables_that_the_pipeline_hands_to_a_build_are_compared_one_by_one_and_secrets_never_shown() -> None:
    def given(**values: str) -> str:
        return json.dumps([{"name": name, "value": value, "type": "PLAINTEXT"} for name, value in values.items()])

    before = with_configuration(ran(1), EnvironmentVariables=given(STAGE="test", DB_PASSWORD="old-one"))
    after = with_configuration(ran(2), EnvironmentVariables=given(STAGE="prod", DB_PASSWORD="new-one"))
    assert told(compare(before, after), Topic.CONFIGURATION) == [
        ("Build / Compile DB_PASSWORD", "********", "********"),
        ("Build / Compile STAGE", "test", "prod"),
    ]


def test_what_a_build_ran_on_is_compared() -> None:
    after = ran(2, "Failed")
    other = {"STAGE": "PARAMETER_STORE"}
    build = replace(after.builds["shop:2"], image="aws/codebuild/standard:8.0", privileged=True, environment=other)
    found = compare(ran(1), replace(after, builds={build.id: build}))
    assert told(found, Topic.BUILD) == [
        ("Build / Compile image", "aws/codebuild/standard:7.0", "aws/codebuild/standard:8.0"),
        ("Build / Compile privileged", "no", "yes"),
        ("Build / Compile variable STAGE", "plaintext", "parameter_store"),
    ]


def test_of_an_action_that_was_tried_again_the_last_try_counts() -> None:
    after = with_configuration(ran(2), ProjectName="shop-next")
    first = replace(after.actions[0], id="a-0", started_at=1.0, configuration={"ProjectName": "shop"})
    assert told(compare(ran(1), replace(after, actions=(*after.actions, first))), Topic.CONFIGURATION) == [
        ("Build / Compile ProjectName", "shop", "shop-next")
    ]


def test_what_could_not_be_read_on_one_side_is_unknown_and_neither_same_nor_different() -> None:
    after = replace(ran(2), terms=None, definition=None, actions=(), builds={})
    found = compare(ran(1), after)
    assert found.unknown == (Topic.DEFINITION, Topic.ROLE, Topic.VARIABLES, Topic.CONFIGURATION, Topic.BUILD)
    assert found.same == (Topic.REVISIONS,)
    assert not found.patch


def test_the_last_good_one_is_the_newest_success_before_it() -> None:
    failed = ran(4, "Failed").execution
    before = [ran(number, status).execution for number, status in ((5, "Succeeded"), (3, "Stopped"), (2, "Succeeded"))]
    assert last_good([failed, *before, ran(1).execution], failed) == ran(2).execution
    assert last_good([failed, ran(3, "Failed").execution], failed) is None
