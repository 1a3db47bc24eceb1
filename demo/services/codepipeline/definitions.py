"""What pipelines are: lists, structures, tags, webhooks."""

from collections.abc import Mapping
from typing import Any

from demo.engine.model import Trigger
from demo.engine.pipeline import Pipeline
from demo.services import Handler, Invocation, page
from demo.services.codepipeline import lookup
from demo.services.codepipeline.structure import check_structure
from demo.wire.errors import AwsError

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidNextTokenException", "The next token was specified in an invalid format.")


def list_pipelines(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListPipelines."""
    found = sorted((item for (region, _), item in call.world.pipelines.items() if region == call.region), key=_name)
    chosen, token = page(found, params.get("nextToken"), params.get("maxResults", 1000), _BAD_TOKEN)
    return {
        "pipelines": [
            {
                "name": item.name,
                "version": item.version,
                "pipelineType": item.definition.get("pipelineType", "V1"),
                "executionMode": item.mode,
                "created": item.created,
                "updated": item.updated,
            }
            for item in chosen
        ],
        "nextToken": token,
    }


def _name(pipeline: Pipeline) -> str:
    return pipeline.name


def get_pipeline(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetPipeline."""
    found = lookup.pipeline(call, params["name"])
    if "version" in params and params["version"] != found.version:
        raise AwsError("PipelineVersionNotFoundException", f"Pipeline version {params['version']} was not found")
    return {
        "pipeline": found.definition,
        "metadata": {"pipelineArn": found.arn, "created": found.created, "updated": found.updated},
    }


def create_pipeline(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve CreatePipeline; as in AWS, the new pipeline runs at once."""
    structure: dict[str, Any] = params["pipeline"]
    key = (call.region, str(structure["name"]))
    if key in call.world.pipelines:
        raise AwsError("PipelineNameInUseException", f"A pipeline with the name '{key[1]}' already exists.")
    check_structure(call, structure)
    definition = {"pipelineType": "V1", "executionMode": "SUPERSEDED", **structure, "version": 1}
    made = Pipeline(call.region, definition, call.world.clock.now(), call.world.rng("pipeline", *key))
    made.tags = {tag["key"]: tag["value"] for tag in params.get("tags", [])}
    call.world.pipelines[key] = made
    call.world.runner.start(made, Trigger("CreatePipeline", call.caller))
    call.world.tick()
    return {"pipeline": definition, "tags": params.get("tags", [])}


def delete_pipeline(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DeletePipeline; an absent pipeline is no error."""
    call.world.pipelines.pop((call.region, str(params["name"])), None)
    return {}


def update_pipeline(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve UpdatePipeline."""
    structure = params["pipeline"]
    found = lookup.pipeline(call, structure["name"])
    check_structure(call, structure)
    structure = {key: value for key, value in structure.items() if key != "version"}
    structure.setdefault("pipelineType", found.definition.get("pipelineType", "V1"))
    structure.setdefault("executionMode", found.mode)
    found.redefine(structure, call.world.clock.now())
    return {"pipeline": found.definition}


def list_tags_for_resource(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListTagsForResource."""
    found = _by_arn(call, params["resourceArn"])
    return {"tags": [{"key": key, "value": value} for key, value in found.tags.items()]}


def tag_resource(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve TagResource."""
    _by_arn(call, params["resourceArn"]).tags.update({tag["key"]: tag["value"] for tag in params["tags"]})
    return {}


def untag_resource(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve UntagResource."""
    tags = _by_arn(call, params["resourceArn"]).tags
    for key in params["tagKeys"]:
        tags.pop(key, None)
    return {}


def _by_arn(call: Invocation, resource: str) -> Pipeline:
    for found in call.world.pipelines.values():
        if found.arn == resource:
            return found
    raise AwsError("ResourceNotFoundException", f"The resource with ARN {resource} was not found")


def list_webhooks(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListWebhooks."""
    held = [item for item in call.world.webhooks if item["arn"].split(":")[3] == call.region]
    chosen, token = page(held, params.get("NextToken"), params.get("MaxResults", 100), _BAD_TOKEN)
    return {"webhooks": chosen, "NextToken": token}


OPERATIONS: Mapping[str, Handler] = {
    "CreatePipeline": create_pipeline,
    "DeletePipeline": delete_pipeline,
    "GetPipeline": get_pipeline,
    "ListPipelines": list_pipelines,
    "ListTagsForResource": list_tags_for_resource,
    "ListWebhooks": list_webhooks,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "UpdatePipeline": update_pipeline,
}
