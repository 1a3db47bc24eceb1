"""CodeConnections, which also answers to its old name (codestar-connections)."""

from collections.abc import Mapping
from typing import Any

from demo.names import ACCOUNT_ID, arn, uuid
from demo.services import Handler, Invocation, page
from demo.wire.errors import AwsError
from demo.world import Connection

__all__ = ["OPERATIONS"]

_BAD_TOKEN = AwsError("InvalidInputException", "Invalid next token")


def _find(call: Invocation, resource: str) -> Connection:
    found = call.world.connections.get(resource)
    if found is None:
        # One connection has an ARN under either prefix.
        tail = resource.rpartition("/")[2]
        found = next((item for key, item in call.world.connections.items() if key.endswith(f"/{tail}")), None)
    if found is None or found.region != call.region:
        raise AwsError("ResourceNotFoundException", f"Connection {resource} not found")
    return found


def _view(found: Connection) -> dict[str, Any]:
    return {
        "ConnectionName": found.name,
        "ConnectionArn": found.arn,
        "ProviderType": found.provider,
        "OwnerAccountId": ACCOUNT_ID,
        "ConnectionStatus": found.status,
    }


def get_connection(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetConnection."""
    return {"Connection": _view(_find(call, params["ConnectionArn"]))}


def list_connections(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListConnections."""
    wanted = params.get("ProviderTypeFilter")
    held = [
        item
        for item in call.world.connections.values()
        if item.region == call.region and wanted in {None, item.provider} and "HostArnFilter" not in params
    ]
    chosen, token = page(held, params.get("NextToken"), params.get("MaxResults", 100), _BAD_TOKEN)
    return {"Connections": [_view(item) for item in chosen], "NextToken": token}


def create_connection(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve CreateConnection: a new connection is pending until somebody confirms it in the console."""
    identity = uuid(call.world.rng("connection", params["ConnectionName"], len(call.world.connections)))
    made = Connection(
        arn(call.service, call.region, f"connection/{identity}"),
        params["ConnectionName"],
        params.get("ProviderType", "GitHub"),
        "PENDING",
        call.region,
    )
    call.world.connections[made.arn] = made
    return {"ConnectionArn": made.arn, "Tags": []}


def delete_connection(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve DeleteConnection."""
    call.world.connections.pop(_find(call, params["ConnectionArn"]).arn)
    return {}


def list_hosts(_call: Invocation, _params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListHosts: no self-managed provider is installed here."""
    return {"Hosts": []}


def get_host(_call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve GetHost."""
    raise AwsError("ResourceNotFoundException", f"Host {params['HostArn']} not found")


def list_tags_for_resource(call: Invocation, params: dict[str, Any]) -> Mapping[str, Any]:
    """Serve ListTagsForResource."""
    found = _find(call, params["ResourceArn"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in found.tags.items()]}


OPERATIONS: Mapping[str, Handler] = {
    "CreateConnection": create_connection,
    "DeleteConnection": delete_connection,
    "GetConnection": get_connection,
    "GetHost": get_host,
    "ListConnections": list_connections,
    "ListHosts": list_hosts,
    "ListTagsForResource": list_tags_for_resource,
}
