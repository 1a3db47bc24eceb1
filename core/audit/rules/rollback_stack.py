"""A stack that stays half changed when an update fails."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit.case import Case, Kind
from core.audit.fixes import command, fix
from core.audit.model import Issue, Rule, Severity
from core.console import stack_url


def _judge(case: Case) -> Iterator[Issue]:
    for key, fact in case.known(Kind.STACK):
        region = key.partition("/")[0]
        stack = fact.get("Stacks", 0, default={})
        if not stack.get("DisableRollback"):
            continue
        name = str(stack.get("StackName", ""))
        yield Issue(
            Severity.MEDIUM,
            f"Stack {name} was last changed with rollback turned off",
            "When an update fails, what it had changed stays changed, and the next one begins from there.",
            str(stack.get("StackId", name)),
            facts=(fact,),
            lines=((fact.n, "DisableRollback: true"),),
            fixes=(
                fix(
                    f"audit.stack-rollback:{name}",
                    f"Let {name} roll back again",
                    (
                        "Whoever last changed it chose to preserve what succeeded. Update it once without that choice;",
                        "updates by the pipeline's own action roll back unless their stack options say otherwise.",
                    ),
                    commands=(
                        command(
                            case,
                            "cloudformation",
                            "UpdateStack",
                            region=region,
                            StackName=name,
                            UsePreviousTemplate=True,
                            DisableRollback=False,
                        ),
                    ),
                    url=stack_url(str(stack.get("StackId", name)), region, case.identity.partition),
                ),
            ),
        )


RULE = Rule(
    "rollback-stack",
    "audit.no-rollback",
    "A stack does not roll back",
    "Half an update is a state that nobody has ever tested.",
    Severity.MEDIUM,
    (Kind.STACK,),
    _judge,
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html",
)
