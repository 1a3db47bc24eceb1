"""CodePipeline, whole for what its users do: read, start, stop, retry, roll back, approve, switch, redefine."""

from collections.abc import Mapping

from demo.services import Handler
from demo.services.codepipeline import changes, definitions, executions, state

__all__ = ["OPERATIONS"]

OPERATIONS: Mapping[str, Handler] = {
    **definitions.OPERATIONS,
    **executions.OPERATIONS,
    **state.OPERATIONS,
    **changes.OPERATIONS,
}
