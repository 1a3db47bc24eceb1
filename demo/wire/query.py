"""The query protocol (IAM, STS, CloudFormation, load balancers), by moto's parser and serialiser."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.model import OperationModel
from moto.core.model import ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.serialize import SERIALIZERS, SerializationContext
from werkzeug.datastructures import Headers, MultiDict

from demo.wire.errors import AwsError
from demo.wire.models import service_model
from demo.wire.protocol import Response

__all__ = ["parse_query", "render_query"]


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(service_model(service)._service_description, service)  # noqa: SLF001 - the loaded description


def parse_query(operation: OperationModel, body: bytes) -> dict[str, Any]:
    """Read the parameters of a form-encoded request.

    Raises:
        AwsError: ``ValidationError`` for a missing member or one AWS does not know.
    """
    from urllib.parse import parse_qsl  # noqa: PLC0415

    values = MultiDict(parse_qsl(body.decode(), keep_blank_values=True))
    model = _model(operation.service_model.service_name).operation_model(operation.name)
    parser = PROTOCOL_PARSERS["query"](model)
    found: dict[str, Any] = parser.parse(
        {"body": body, "headers": Headers(), "method": "POST", "url_params": {}, "url_path": "/", "values": values}
    )
    shape = operation.input_shape
    members = shape.members if shape is not None else {}
    known = {str(member.serialization.get("name", name)) for name, member in members.items()}
    for key in values:
        if key.split(".")[0] not in known | {"Action", "Version"}:
            raise AwsError("ValidationError", f"Unknown parameter {key}")
    for name in shape.required_members if shape is not None else ():
        if name not in found:
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value null at '{name[0].lower()}{name[1:]}' failed to satisfy "
                "constraint: Member must not be null",
            )
    return found


def render_query(operation: OperationModel, result: Mapping[str, Any], request_id: str) -> Response:
    """Write an answer as XML."""
    model = _model(operation.service_model.service_name).operation_model(operation.name)
    serializer = SERIALIZERS["query"](model, context=SerializationContext(request_id))
    rendered = serializer.serialize(result)
    body = rendered["body"]
    return Response(
        200,
        body.encode() if isinstance(body, str) else body,
        {"content-type": "text/xml", "x-amzn-RequestId": request_id},
    )
