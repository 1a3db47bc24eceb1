"""`pipemedic fleet`: the template works as it is printed, and the check finds what keeps changes from coming."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.process import DemoAccount, start
from tests.fleet_stack import Stack, deploy
from tests.tui.cli.conftest import Run
from tui.fleet_template import DETAIL_TYPES, as_yaml, template


@pytest.fixture(scope="module")
def account() -> Iterator[DemoAccount]:
    """An account of these tests' own: they start a pipeline in it."""
    with start() as made:
        yield made


@pytest.fixture
def on_demo(home: dict[str, str], account: DemoAccount) -> dict[str, str]:
    return {**home, **account.environment}


@pytest.fixture(scope="module")
def stack(account: DemoAccount) -> Stack:
    return deploy(account, "checked")


@pytest.fixture
def check(pipemedic: Run, stack: Stack, tmp_path: Path) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Run the check on a context whose queue is the stack's, or another URL."""

    def run(*words: str, url: str = "") -> tuple[int, dict[str, Any]]:
        config = tmp_path / "config.toml"
        config.write_text(f'[contexts.demo]\nregions = ["eu-west-1"]\nqueue = "{url or stack.url}"\n')
        done = pipemedic("fleet", "check", "--in", "demo", "--format", "json", *words, PIPEMEDIC_CONFIG=str(config))
        return done.returncode, json.loads(done.stdout)["contexts"][0]

    return run


def failed(found: dict[str, Any]) -> list[str]:
    return [one["id"] for one in found["checks"] if one["outcome"] != "ok"]


def test_the_template_says_the_same_in_both_formats(bare: Run) -> None:
    assert yaml.safe_load(bare("fleet", "template").stdout) == template()
    assert json.loads(bare("fleet", "template", "--format", "json").stdout) == template()
    assert "&id" not in as_yaml(template())


def test_the_template_grants_no_more_than_it_has_to() -> None:
    resources = template()["Resources"]
    assert resources["Queue"]["Properties"]["SqsManagedSseEnabled"] is True
    statements = resources["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowing = [each for each in statements if each["Effect"] == "Allow"]
    assert [each["Action"] for each in allowing] == ["sqs:SendMessage"]
    assert allowing[0]["Condition"]["ArnEquals"]["aws:SourceArn"] == {"Fn::GetAtt": ["Rule", "Arn"]}
    reader = resources["ReaderPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    actions = {
        one for each in reader for one in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert actions == {
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "events:DescribeRule",
        "events:ListTargetsByRule",
        "events:ListRuleNamesByTarget",
    }
    assert resources["Rule"]["Properties"]["EventPattern"]["detail-type"] == list(DETAIL_TYPES)


def test_what_the_template_makes_passes_the_check(check: Callable[..., Any]) -> None:
    code, found = check()
    assert [one["id"] for one in found["checks"]] == ["queue", "kind", "rule", "policy", "take"]
    assert failed(found) == []
    assert code == 0


def test_listening_sees_a_change_and_leaves_it_in_the_queue(check: Callable[..., Any], stack: Stack) -> None:
    stack.pipelines.start_pipeline_execution(name="mailer")
    code, found = check("--listen", "20")
    heard = found["checks"][-1]
    assert (heard["id"], heard["outcome"]) == ("listen", "ok")
    assert code == 0
    attributes = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    held = stack.sqs.get_queue_attributes(QueueUrl=stack.url, AttributeNames=attributes)["Attributes"]
    assert sum(map(int, held.values())) >= 1


def test_each_mistake_is_named_with_what_to_do(check: Callable[..., Any], stack: Stack) -> None:
    stack.events.disable_rule(Name=stack.rule)
    code, found = check()
    assert (code, failed(found)) == (1, ["rule"])
    assert found["checks"][2]["next_step"] == "aws events enable-rule --name checked"
    stack.events.put_rule(Name=stack.rule, EventPattern=json.dumps({"source": ["aws.codebuild"]}), State="ENABLED")
    code, found = check()
    assert (code, failed(found)) == (1, ["rule"])
    assert all(kind in found["checks"][2]["text"] for kind in DETAIL_TYPES)
    pattern = {"source": ["aws.codepipeline"], "detail-type": [DETAIL_TYPES[0]]}
    stack.events.put_rule(Name=stack.rule, EventPattern=json.dumps(pattern), State="ENABLED")
    code, found = check()
    assert (code, failed(found)) == (0, ["rule"])
    stack.events.put_rule(Name=stack.rule, EventPattern=json.dumps({"source": ["aws.codepipeline"]}), State="ENABLED")
    assert check()[0] == 0


def test_a_queue_that_lets_nobody_send_is_named(check: Callable[..., Any], account: DemoAccount) -> None:
    other = deploy(account, "mute")
    policy = json.loads(
        other.sqs.get_queue_attributes(QueueUrl=other.url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    )
    policy["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"] += "-other"
    other.sqs.set_queue_attributes(QueueUrl=other.url, Attributes={"Policy": json.dumps(policy)})
    code, found = check(url=other.url)
    assert (code, failed(found)) == (1, ["policy"])
    policy["Statement"] = policy["Statement"][1:]
    other.sqs.set_queue_attributes(QueueUrl=other.url, Attributes={"Policy": json.dumps(policy)})
    code, found = check(url=other.url)
    assert (code, failed(found)) == (1, ["policy"])
    assert "sqs:SendMessage" in found["checks"][3]["next_step"]


def test_a_queue_without_a_rule_is_named(check: Callable[..., Any], account: DemoAccount) -> None:
    other = deploy(account, "lonely")
    other.events.remove_targets(Rule="lonely", Ids=["queue"])
    code, found = check(url=other.url)
    assert code == 1
    assert failed(found) == ["rule"]
    assert "fleet template" in found["checks"][2]["next_step"]


def test_a_queue_that_is_gone_ends_the_questions(check: Callable[..., Any], stack: Stack) -> None:
    code, found = check(url=stack.url.replace("checked", "gone"))
    assert code == 1
    assert [one["id"] for one in found["checks"]] == ["queue", "take"]


def test_without_a_queue_the_way_to_one_is_said(pipemedic: Run) -> None:
    done = pipemedic("fleet", "check")
    assert done.returncode == 2
    assert "fleet template" in done.stderr
