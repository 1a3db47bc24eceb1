"""Deployments to Service Catalog: the product, its versions, and the template that becomes a version.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ServiceCatalog.html
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.fact import Evidence, Outcome
from core.finding import Answer
from core.playbook import Facts, Step, Subject
from playbooks._answers import not_applicable, passed, plural, unseen
from playbooks._ask import ask
from playbooks._inside import INSIDE_READS, file_in
from playbooks.cloudformation._files import parsed

from ._common import Show, config, deploys_to, lost_file, read_files, told_by

__all__ = ["CATALOG"]

_Map = Mapping[str, Any]


def _files(subject: Subject) -> list[str]:
    named = (config(subject, "TemplateFilePath"), config(subject, "ConfigurationFilePath"))
    return [each.lstrip("/") for each in named if each]


async def _gather(subject: Subject, evidence: Evidence) -> Facts:
    product = config(subject, "ProductId")
    if not deploys_to(subject, "ServiceCatalog") or not product:
        return {}
    described, listed, inside = await asyncio.gather(
        ask(subject, evidence, "servicecatalog", "DescribeProductAsAdmin", {"Id": product}),
        ask(subject, evidence, "servicecatalog", "ListProvisioningArtifacts", {"ProductId": product}),
        read_files(subject, evidence, _files(subject)),
    )
    return {"product": described, "versions": listed, **inside}


def _wrong_file(subject: Subject, facts: Facts) -> str:
    """What is wrong with the template or the configuration file; empty for nothing."""
    artifact = f"inside:{next(iter(subject.action.inputs), '')}"
    template, settings = (config(subject, name).lstrip("/") for name in ("TemplateFilePath", "ConfigurationFilePath"))
    if template and (text := file_in(facts, artifact, template)) is not None:
        root, wrong = parsed(text)
        if wrong:
            return f"in {template}, {wrong}"
        return "" if root is not None and root.get("Resources") is not None else f"{template} has no Resources"
    if settings and (text := file_in(facts, artifact, settings)) is not None:
        try:
            given = json.loads(text)
        except ValueError as error:
            return f"the file {settings} is not JSON: {error}"
        lacking = [each for each in ("ProductVersionName", "Properties") if each not in given]
        return f"the file {settings} has no {lacking[0]}" if lacking else ""
    return ""


def _judge(subject: Subject, facts: Facts) -> Answer:  # noqa: PLR0911 (one return an outcome)
    product = facts.get("product")
    if product is None:
        return not_applicable("The action does not deploy to Service Catalog.")
    if cannot := unseen(*facts.values()):
        return cannot
    name = config(subject, "ProductId")
    show: Show = ("servicecatalog", "DescribeProductAsAdmin", {"Id": name})
    if product.outcome is Outcome.NO_DATA:
        trouble = f"there is no product {name} in Service Catalog of {subject.region}"
        return told_by(subject, facts, "flow.structure-invalid", trouble, show)
    if lost := lost_file(facts, _files(subject)):
        trouble = f"the artifact {subject.action.inputs[0]} has no {lost}, which the action names"
        return told_by(subject, facts, "artifact.missing", trouble, show, allied=["cfn.template-invalid"])
    if wrong := _wrong_file(subject, facts):
        return told_by(subject, facts, "cfn.template-invalid", wrong, show, allied=["artifact.missing"])
    found: Sequence[_Map] = facts["versions"].get("ProvisioningArtifactDetails", default=())
    lines = [(facts["versions"].n, f"version {each.get('Name')}: {each.get('Guidance', '?')}") for each in found[-6:]]
    wanted = config(subject, "ProductVersionName")
    same = any(each.get("Name") == wanted for each in found)
    note = f" One is named {wanted}, as the action would name the next." if wanted and same else ""
    status = product.get("ProductViewDetail", "Status", default="AVAILABLE")
    if status == "FAILED":
        return told_by(subject, facts, "cfn.template-invalid", f"product {name} is FAILED", show, lines=lines)
    return passed(
        f"Product {name} is {status}, with {plural(len(found), 'version')}.{note}", *facts.values(), lines=lines
    )


CATALOG = Step(
    id="service-catalog",
    question="For Service Catalog: is the product there, and can the template become a version of it?",
    why="The action validates the template of the artifact and adds it to a product that must be in its region.",
    reads=("servicecatalog:DescribeProductAsAdmin", "servicecatalog:ListProvisioningArtifacts", *INSIDE_READS),
    gather=_gather,
    judge=_judge,
)
