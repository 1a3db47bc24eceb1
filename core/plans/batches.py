"""Changes of batch builds. Pure.

Sources: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_RetryBuildBatch.html, API_StopBuildBatch.html.
"""

from __future__ import annotations

from core.fact import Fact
from core.plan import Call, Check, Plan, Risk, Undo
from core.plans.setting import Where, check_of

__all__ = ["retry_batch", "stop_batch"]


def _read(batch_id: str, region: str) -> Call:
    return Call("codebuild", "BatchGetBuildBatches", {"ids": [batch_id]}, region)


def _status(fact: Fact) -> str:
    return str(fact.get("buildBatches", 0, "buildBatchStatus", default=""))


def retry_batch(where: Where, batch_id: str, *, all_builds: bool = False, region: str = "") -> Plan:
    """Plan to run a failed batch again, its failed builds or all of them, outside its pipeline."""
    kind = "RETRY_ALL_BUILDS" if all_builds else "RETRY_FAILED_BUILDS"
    call = Call("codebuild", "RetryBuildBatch", {"id": batch_id, "retryType": kind}, region)
    what = "all its builds" if all_builds else "its failed builds"
    return Plan(
        id="pipeline.retry-build-batch",
        title=f"Run build batch {batch_id} again ({what})",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=batch_id,
        call=call,
        risk=Risk.MEDIUM,
        risk_note="Same source and settings. The pipeline's action takes no notice of it: for that, retry the stage.",
        precondition=Check(
            "The batch has failed and does not run again",
            (_read(batch_id, region),),
            lambda facts: _status(facts[0]) in ("FAILED", "FAULT", "TIMED_OUT", "STOPPED"),
        ),
        verification=check_of(call),
        before="batch: failed",
        after=f"batch: runs {what} again",
        present=lambda facts: f"batch: {_status(facts[0])}",
        syntax="text",
        permissions=("codebuild:RetryBuildBatch", "codebuild:BatchGetBuildBatches"),
        undo=Undo("Stop the batch", Call("codebuild", "StopBuildBatch", {"id": batch_id}, region)),
    )


def stop_batch(where: Where, batch_id: str, *, region: str = "") -> Plan:
    """Plan to stop a batch that runs, with all its builds; the pipeline's action then fails."""
    call = Call("codebuild", "StopBuildBatch", {"id": batch_id}, region)
    return Plan(
        id="pipeline.stop-build-batch",
        title=f"Stop build batch {batch_id}",
        place=where.place,
        account=where.account,
        pipeline=where.pipeline,
        resource=batch_id,
        call=call,
        risk=Risk.MEDIUM,
        risk_note="All its builds end where they stand; the action fails and the stage with it.",
        precondition=Check(
            "The batch still runs", (_read(batch_id, region),), lambda facts: _status(facts[0]) == "IN_PROGRESS"
        ),
        verification=check_of(call),
        before="batch: IN_PROGRESS",
        after="batch: STOPPED",
        present=lambda facts: f"batch: {_status(facts[0])}",
        syntax="text",
        permissions=("codebuild:StopBuildBatch", "codebuild:BatchGetBuildBatches"),
    )
