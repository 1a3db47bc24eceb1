"""CodePipeline's definition to models (API 2015-07-09): GetPipeline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws.mapping.values import count, maps, moment, names, text
from core.pipeline import ActionDecl, ArtifactStore, Definition, StageDecl

__all__ = ["definition"]


def definition(answer: Mapping[str, Any]) -> Definition:
    """Map GetPipeline."""
    pipeline = answer.get("pipeline") or {}
    metadata = answer.get("metadata") or {}
    return Definition(
        name=text(pipeline.get("name")),
        version=count(pipeline.get("version")) or 0,
        role_arn=text(pipeline.get("roleArn")),
        stages=tuple(_stage(stage) for stage in maps(pipeline.get("stages"))),
        stores=_stores(pipeline),
        arn=text(metadata.get("pipelineArn")),
        pipeline_type=text(pipeline.get("pipelineType")) or "V1",
        execution_mode=text(pipeline.get("executionMode")) or "SUPERSEDED",
        variables=names(pipeline.get("variables")),
        triggers=tuple(
            text((trigger.get("gitConfiguration") or {}).get("sourceActionName"))
            for trigger in maps(pipeline.get("triggers"))
        ),
        created_at=moment(metadata.get("created")),
        updated_at=moment(metadata.get("updated")),
        raw=json.dumps(pipeline, indent=4, ensure_ascii=False, default=text),
    )


def _stage(stage: Mapping[str, Any]) -> StageDecl:
    return StageDecl(
        name=text(stage.get("name")),
        actions=tuple(_action(action) for action in maps(stage.get("actions"))),
        conditions=tuple(kind for kind in ("beforeEntry", "onSuccess", "onFailure") if stage.get(kind)),
    )


def _action(action: Mapping[str, Any]) -> ActionDecl:
    kind = action.get("actionTypeId") or {}
    return ActionDecl(
        name=text(action.get("name")),
        category=text(kind.get("category")),
        provider=text(kind.get("provider")),
        owner=text(kind.get("owner")) or "AWS",
        version=text(kind.get("version")) or "1",
        run_order=count(action.get("runOrder")) or 1,
        configuration={text(key): text(value) for key, value in (action.get("configuration") or {}).items()},
        inputs=names(action.get("inputArtifacts")),
        outputs=names(action.get("outputArtifacts")),
        role_arn=text(action.get("roleArn")),
        region=text(action.get("region")),
        namespace=text(action.get("namespace")),
        timeout_min=count(action.get("timeoutInMinutes")),
    )


def _stores(pipeline: Mapping[str, Any]) -> Mapping[str, ArtifactStore]:
    """Return the artifact stores by region; a single store stands under the empty key."""
    several = pipeline.get("artifactStores") or {}
    single = pipeline.get("artifactStore")
    stores = {text(region): _store(store) for region, store in several.items()}
    if single:
        stores[""] = _store(single)
    return stores


def _store(store: Mapping[str, Any]) -> ArtifactStore:
    return ArtifactStore(location=text(store.get("location")), key=text((store.get("encryptionKey") or {}).get("id")))
