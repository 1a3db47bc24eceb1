"""Read-backs of pipelines, build projects and deployment groups. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.plan import Call
from core.plans._stages import stage_in, state_read
from core.plans.readback import Facts, Readback, covers, normal, part

__all__ = ["MAKERS", "structure_of"]


def structure_of(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pipeline's structure for comparison: without its version and without empty members."""
    found = normal({key: item for key, item in value.items() if key != "version"})
    return dict(found) if isinstance(found, Mapping) else {}


def _state(call: Call) -> Call:
    return state_read(str(call.params["pipelineName"]), call.region)


def _transition(*, enabled: bool) -> Callable[[Call], Readback]:
    def make(call: Call) -> Readback:
        stage = str(call.params["stageName"])

        def holds(facts: Facts) -> bool:
            return (stage_in(facts[0], stage).get("inboundTransitionState") or {}).get("enabled") is enabled

        word = "enabled" if enabled else "disabled"
        return Readback(f"The transition into {stage} is {word}", (_state(call),), holds)

    return make


def _execution(call: Call) -> Call:
    names = {key: call.params[key] for key in ("pipelineName", "pipelineExecutionId")}
    return Call("codepipeline", "GetPipelineExecution", names, call.region)


def _status(wanted: tuple[str, ...], words: str) -> Callable[[Call], Readback]:
    def make(call: Call) -> Readback:
        return Readback(
            f"Execution {call.params['pipelineExecutionId']} {words}",
            (_execution(call),),
            lambda facts: facts[0].get("pipelineExecution", "status") in wanted,
        )

    return make


def _answered(call: Call) -> Readback:
    """An approval is closed: its token is masked in the journal, so that the answer itself is what is looked for."""
    stage, action = str(call.params["stageName"]), str(call.params["actionName"])
    wanted = "Succeeded" if call.params["result"]["status"] == "Approved" else "Failed"

    def holds(facts: Facts) -> bool:
        runs = stage_in(facts[0], stage).get("actionStates") or ()
        run = next((each.get("latestExecution") or {} for each in runs if each.get("actionName") == action), {})
        return bool(run.get("status") == wanted)

    return Readback(f"{action} was answered so", (_state(call),), holds)


def _update_pipeline(call: Call) -> Readback:
    wanted = structure_of(call.params["pipeline"])
    read = Call("codepipeline", "GetPipeline", {"name": call.params["pipeline"]["name"]}, call.region)
    return Readback(
        f"The structure of {call.params['pipeline']['name']} is as given",
        (read,),
        lambda facts: facts[0].ok and structure_of(facts[0].get("pipeline", default={})) == wanted,
    )


def _update_project(call: Call) -> Readback:
    wanted = {key: item for key, item in call.params.items() if key != "name"}
    if wanted.get("concurrentBuildLimit") == -1:  # how UpdateProject spells "no limit"
        wanted["concurrentBuildLimit"] = None
    read = Call("codebuild", "BatchGetProjects", {"names": [call.params["name"]]}, call.region)

    def holds(facts: Facts) -> bool:
        project = facts[0].get("projects", 0, default={})
        return bool(project) and covers(project, wanted)

    def shows(facts: Facts) -> Any:
        return part(facts[0].get("projects", 0, default={}), wanted)

    return Readback(f"Build project {call.params['name']} is as given", (read,), holds, shows)


def _build(wanted: tuple[str, ...], words: str) -> Callable[[Call], Readback]:
    def make(call: Call) -> Readback:
        read = Call("codebuild", "BatchGetBuilds", {"ids": [call.params["id"]]}, call.region)
        return Readback(
            f"Build {call.params['id']} {words}",
            (read,),
            lambda facts: facts[0].get("builds", 0, "buildStatus") in wanted,
        )

    return make


def _update_group(call: Call) -> Readback:
    params = call.params
    keys = {"applicationName", "currentDeploymentGroupName", "newDeploymentGroupName"}
    wanted = {key: item for key, item in params.items() if key not in keys}
    names = {
        "applicationName": params["applicationName"],
        "deploymentGroupName": params["currentDeploymentGroupName"],
    }
    read = Call("codedeploy", "GetDeploymentGroup", names, call.region)

    def holds(facts: Facts) -> bool:
        group = facts[0].get("deploymentGroupInfo", default={})
        return bool(group) and covers(group, wanted)

    def shows(facts: Facts) -> Any:
        return part(facts[0].get("deploymentGroupInfo", default={}), wanted)

    return Readback(f"Deployment group {params['currentDeploymentGroupName']} is as given", (read,), holds, shows)


def _stop_deployment(call: Call) -> Readback:
    read = Call("codedeploy", "GetDeployment", {"deploymentId": call.params["deploymentId"]}, call.region)
    back = bool(call.params.get("autoRollbackEnabled"))

    def holds(facts: Facts) -> bool:
        rolled = facts[0].get("deploymentInfo", "rollbackInfo", default={})
        told = bool(rolled.get("rollbackDeploymentId") or rolled.get("rollbackMessage"))
        return facts[0].get("deploymentInfo", "status") == "Stopped" and (told or not back)

    words = "has stopped and is rolled back" if back else "has stopped"
    return Readback(f"Deployment {call.params['deploymentId']} {words}", (read,), holds)


MAKERS: Mapping[tuple[str, str], Callable[[Call], Readback]] = {
    ("codebuild", "StopBuild"): _build(("STOPPED",), "has stopped"),
    ("codebuild", "UpdateProject"): _update_project,
    ("codedeploy", "StopDeployment"): _stop_deployment,
    ("codedeploy", "UpdateDeploymentGroup"): _update_group,
    ("codepipeline", "DisableStageTransition"): _transition(enabled=False),
    ("codepipeline", "EnableStageTransition"): _transition(enabled=True),
    ("codepipeline", "PutApprovalResult"): _answered,
    ("codepipeline", "RetryStageExecution"): _status(("InProgress",), "runs"),
    ("codepipeline", "StopPipelineExecution"): _status(("Stopping", "Stopped"), "stops or has stopped"),
    ("codepipeline", "UpdatePipeline"): _update_pipeline,
}
