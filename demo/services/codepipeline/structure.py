"""The rules a pipeline structure has to keep, with CodePipeline's complaints.

https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
"""

from collections.abc import Mapping
from typing import Any

from demo.services import Invocation
from demo.wire.errors import AwsError

__all__ = ["check_structure"]


def check_structure(call: Invocation, structure: Mapping[str, Any]) -> None:
    """Check stages, actions, artifacts and the role.

    Raises:
        AwsError: ``InvalidStructureException``, ``InvalidStageDeclarationException`` or
            ``InvalidActionDeclarationException``.
    """
    stages = structure["stages"]
    if len(stages) < 2:
        raise AwsError(
            "InvalidStructureException", "Pipeline has only 1 stage(s). There should be a minimum of 2 stages"
        )
    if call.world.iam.role(structure["roleArn"]) is None:
        raise AwsError(
            "InvalidStructureException",
            f"CodePipeline is not authorized to perform AssumeRole on role {structure['roleArn']}",
        )
    made: set[str] = set()
    for number, stage in enumerate(stages):
        sources = [action for action in stage["actions"] if action["actionTypeId"]["category"] == "Source"]
        if number == 0 and len(sources) != len(stage["actions"]):
            raise AwsError("InvalidStructureException", f"Stage {stage['name']} can only contain Source actions")
        if number > 0 and sources:
            raise AwsError("InvalidStructureException", f"Stage {stage['name']} cannot contain Source actions")
        names = [action["name"] for action in stage["actions"]]
        if len(set(names)) != len(names):
            raise AwsError("InvalidStageDeclarationException", f"Stage {stage['name']} has duplicate action names")
        _check_artifacts(stage, made)


def _check_artifacts(stage: Mapping[str, Any], made: set[str]) -> None:
    for action in sorted(stage["actions"], key=lambda item: int(item.get("runOrder", 1))):
        for wanted in action.get("inputArtifacts", []):
            if wanted["name"] not in made:
                raise AwsError(
                    "InvalidActionDeclarationException",
                    f"Input Artifact Bundle {wanted['name']} in action {action['name']} is not declared as Output "
                    "Artifact Bundle in any of the preceding actions",
                )
        for output in action.get("outputArtifacts", []):
            if output["name"] in made:
                raise AwsError(
                    "InvalidActionDeclarationException",
                    f"UpdatePipeline: Output Artifact Bundle name must be unique within the pipeline: {output['name']}",
                )
            made.add(output["name"])
