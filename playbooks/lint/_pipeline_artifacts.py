"""A pipeline's artifacts and stores: made once, made before they are used, and a store in every region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ._node import Node
from ._pipeline_model import GUIDE, Action
from ._schema import nearest
from .problem import Problems

__all__ = ["check_artifacts", "check_stores"]

_PAGE = f"{GUIDE}reference-pipeline-structure.html"


def check_artifacts(actions: Sequence[Action], found: Problems) -> None:
    """Check that each artifact used is made by exactly one action that ran before."""
    makers: dict[str, tuple[Action, Node]] = {}
    for action in actions:
        for made in action.artifacts("outputArtifacts"):
            if made.text in makers:
                first = makers[made.text][0]
                reason = f"{first.stage}/{first.name} makes it too; names are unique in a pipeline."
                found.error(made, "artifact-twice", f"The artifact {made.text} is made twice", reason, _PAGE)
            else:
                makers[made.text] = action, made
    used = _taken(actions, makers, found)
    for name, (maker, at) in makers.items():
        if name not in used:
            found.hint(at, "artifact-unused", f"No action takes {name}, which {maker.name} makes", "", _PAGE)


def _taken(actions: Sequence[Action], makers: Mapping[str, tuple[Action, Node]], found: Problems) -> set[str]:
    """Check what actions take, and return its names."""
    used: set[str] = set()
    for action in actions:
        own: set[str] = set()
        for taken in action.artifacts("inputArtifacts"):
            used.add(taken.text)
            if taken.text in own:
                found.error(taken, "artifact-twice", f"{action.name} takes the artifact {taken.text} twice", "", _PAGE)
            own.add(taken.text)
            if taken.text not in makers:
                near = nearest(taken.text, tuple(makers))
                reason = f"Did you mean {near}?" if near else f"Made are: {', '.join(makers) or 'none'}."
                found.error(taken, "artifact-never-made", f"No action makes the artifact {taken.text}", reason, _PAGE)
            elif makers[taken.text][0].order >= action.order:
                maker = makers[taken.text][0]
                reason = f"{maker.stage}/{maker.name} makes it later or at the same time; look at runOrder."
                found.error(
                    taken, "artifact-too-late", f"{taken.text} is not made when {action.name} runs", reason, _PAGE
                )
    return used


def _arn_part(arn: str, number: int) -> str:
    parts = arn.split(":")
    return parts[number] if len(parts) > number else ""


def check_stores(pipeline: Node, home: str, actions: Sequence[Action], found: Problems) -> None:
    """Check stores against the regions of the actions; `home` is the pipeline's region, empty when it is not told."""
    page = f"{GUIDE}actions-create-cross-region.html"
    one, many = pipeline.get("artifactStore"), pipeline.get("artifactStores")
    if one is not None and many is not None:
        reason = "artifactStores is for actions in several regions; artifactStore for one."
        found.error(
            pipeline.key("artifactStores") or many, "stores", "There are artifactStore and artifactStores", reason, page
        )
    if one is None and many is None:
        found.error(pipeline, "stores", "There is neither artifactStore nor artifactStores", "One is required.", page)
    if many is not None and many.kind == "mapping":
        _several(many, home, actions, found)
    elif one is not None:
        placed = [at for action in actions if (at := action.node.get("region")) is not None and at.text]
        regions = {at.text: at for at in placed}
        for at in [at for name, at in regions.items() if name != home] if home else list(regions.values())[1:]:
            reason = "With actions in several regions, artifactStores names one store for each."
            found.error(at, "region", f"{at.text} needs an artifact store of its own", reason, page)
    _cross_account(pipeline, actions, found)


def _several(stores: Node, home: str, actions: Sequence[Action], found: Problems) -> None:
    page = f"{GUIDE}actions-create-cross-region.html"
    have = [key.text for key, _ in stores.pairs]
    for action in actions:
        at = action.node.get("region")
        if at is not None and at.text not in have:
            reason = f"There are stores in {', '.join(have)}."
            found.error(at, "region", f"{action.name} runs in {at.text}, where no artifact store is", reason, page)
    if home and home not in have:
        found.error(stores, "region", f"No artifact store is in {home}, where the pipeline is", "", page)
    used = {home, *(action.node.string("region") for action in actions)}
    for key, _ in stores.pairs:
        if home and key.text not in used:
            found.hint(key, "region", f"No action runs in {key.text}", "", page)


def _cross_account(pipeline: Node, actions: Sequence[Action], found: Problems) -> None:
    page = f"{GUIDE}pipelines-create-cross-account.html"
    account = _arn_part(pipeline.string("roleArn"), 4)
    store = pipeline.get("artifactStore")
    if not account or store is None or store.get("encryptionKey") is not None:
        return
    for action in actions:
        role = action.node.get("roleArn")
        other = _arn_part(role.text, 4) if role is not None else ""
        if role is not None and other and other != account and action.artifacts("inputArtifacts"):
            reason = (
                "Artifacts need a customer managed KMS key that the account may use; the default key cannot be shared."
            )
            found.warning(
                role, "cross-account", f"{action.name} works in account {other}, the store names no key", reason, page
            )
