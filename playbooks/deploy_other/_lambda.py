"""Deployments of Lambda functions: the function, its alias, and how the last update went."""

from __future__ import annotations

import asyncio

from core.fact import Evidence, Outcome
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import not_applicable, passed, unseen
from playbooks._ask import ask

from ._common import config, deploys_to, told_by

__all__ = ["LAMBDA"]


async def _gather_lambda(subject: Subject, evidence: Evidence) -> Facts:
    name, alias = config(subject, "FunctionName"), config(subject, "FunctionAlias")
    if not deploys_to(subject, "Lambda") or not name:
        return {}
    reads = {"function": ask(subject, evidence, "lambda", "GetFunctionConfiguration", {"FunctionName": name})}
    if alias:
        reads["alias"] = ask(subject, evidence, "lambda", "GetAlias", {"FunctionName": name, "Name": alias})
    return dict(zip(reads, await asyncio.gather(*reads.values()), strict=True))


def _judge_lambda(subject: Subject, facts: Facts) -> Answer:
    fact = facts.get("function")
    if fact is None:
        return not_applicable("The action deploys no Lambda function.")
    if cannot := unseen(*facts.values()):
        return cannot
    name, trouble = config(subject, "FunctionName"), ""
    alias = facts.get("alias")
    if fact.outcome is Outcome.NO_DATA:
        trouble = f"there is no function {name} in {subject.region}"
    elif fact.get("State") in ("Failed", "Inactive"):
        trouble = f"function {name} is {fact.get('State')}: {fact.get('StateReason', default='no reason given')}"
    elif fact.get("LastUpdateStatus") == "Failed":
        trouble = f"the last update of {name} failed: {fact.get('LastUpdateStatusReason', default='no reason given')}"
    elif alias is not None and alias.outcome is Outcome.NO_DATA:
        trouble = f"function {name} has no alias {config(subject, 'FunctionAlias')}"
    if not trouble:
        return passed(
            f"Function {name} is ready ({fact.get('LastUpdateStatus', default='Successful')}).", *facts.values()
        )
    return told_by(
        subject, facts, "lambda.invoke-failed", trouble, ("lambda", "GetFunctionConfiguration", {"FunctionName": name})
    )


LAMBDA = Step(
    id="lambda",
    question="For Lambda: are function and alias there, and did the last update take?",
    why="A function whose update failed keeps its old code and refuses the next one.",
    reads=("lambda:GetFunctionConfiguration", "lambda:GetAlias"),
    gather=_gather_lambda,
    judge=_judge_lambda,
)
