"""Manual approval: waits until somebody decides, or for seven days.

https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
"""

from demo.engine.context import ActionContext, ActionFailed
from demo.engine.scheduler import Process, Signal

__all__ = ["EXPIRES_AFTER_S", "perform"]

EXPIRES_AFTER_S = 7 * 24 * 3600.0


def perform(context: ActionContext) -> Process:
    """Wait for PutApprovalResult with this run's token."""
    run = context.run
    if context.past:
        yield context.rng.uniform(120, 5400)
        run.summary, run.updated_by = "looks good", context.world.person(context.rng)
        return
    run.token = context.fresh_id()
    signal = Signal()
    context.world.approvals[run.token] = signal
    context.world.scheduler.spawn(_expire(context, signal))
    verdict = yield signal
    context.world.approvals.pop(run.token, None)
    run.token = ""
    if verdict is None:
        raise ActionFailed("JobFailed", "Approval expired")
    status, summary, who = verdict
    run.summary, run.updated_by = summary, who
    if status == "Rejected":
        raise ActionFailed("JobFailed", f"Approval rejected by {who}: {summary}")


def _expire(context: ActionContext, signal: Signal) -> Process:
    yield EXPIRES_AFTER_S
    context.world.scheduler.fire(signal)
