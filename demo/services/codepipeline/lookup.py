"""Finding what a request names, or refusing as CodePipeline does."""

from demo.engine.model import Execution, StageSlot
from demo.engine.pipeline import Pipeline
from demo.names import ACCOUNT_ID
from demo.services import Invocation
from demo.wire.errors import AwsError

__all__ = ["execution", "pipeline", "slot"]


def pipeline(call: Invocation, name: str) -> Pipeline:
    """Find a pipeline of the called region."""
    found = call.world.pipelines.get((call.region, name))
    if found is None:
        raise AwsError(
            "PipelineNotFoundException",
            f"Account '{ACCOUNT_ID}' does not have a pipeline with name '{name}'",
        )
    return found


def execution(found: Pipeline, execution_id: str) -> Execution:
    """Find an execution of a pipeline."""
    held = found.execution(execution_id)
    if held is None:
        raise AwsError(
            "PipelineExecutionNotFoundException",
            f"Pipeline '{found.name}' does not have a pipeline execution with id '{execution_id}'",
        )
    return held


def slot(found: Pipeline, stage: str) -> StageSlot:
    """Find a stage of a pipeline."""
    held = found.slot(stage)
    if held is None:
        raise AwsError("StageNotFoundException", f"Pipeline '{found.name}' does not have a stage named '{stage}'")
    return held
