"""nightly-import: each stage writes its log elsewhere: S3 alone, a batch, a function, a state machine that fails."""

from demo.engine.model import Trigger
from demo.files import buildspec, script
from demo.kit import HOUR, Kit, action, stage
from demo.platform.machines import Function, Machine
from demo.shapes_of_pipelines import codebuild, github
from demo.stories import Story

STORY = Story(
    "nightly-import",
    "eu-west-1",
    "stepfunctions.failed",
    "the state machine import-nightly failed: its function import-copy found no file for the day",
    "put the day's file there; RetryStageExecution Import",
)
_MATRIX = "batch:\n  build-list:\n    - identifier: linux\n    - identifier: arm\n"


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/nightly-import"
    kit.repository(repository, files={"buildspec.yml": buildspec(build="make test")}, age_s=6 * HOUR)
    kit.named_bucket("example-build-logs", region)
    kit.project("import-build", region, buildspec=script("make package"), s3_logs="example-build-logs/import-build")
    kit.project("import-matrix", region, buildspec=buildspec(build="make test", extra=_MATRIX))
    matrix = codebuild("import-matrix", "Matrix", output="")
    matrix["configuration"] |= {"BatchEnabled": "true"}
    machine = _machine(kit, region)
    smoke = _function(kit, region, "import-smoke", ('{"level":"info","msg":"smoke test","request":"{request}"}',))
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("import-build")),
            stage("Test", matrix),
            stage("Smoke", action("Smoke", "Invoke", "Lambda", {"FunctionName": smoke.name})),
            stage("Import", action("Import", "Invoke", "StepFunctions", {"StateMachineArn": machine.arn})),
        ],
    )
    kit.run(pipeline, 0.5 * HOUR, Trigger("StartPipelineExecution", kit.user("kira")))


def _function(
    kit: Kit, region: str, name: str, lines: tuple[str, ...], error: tuple[str, str] | None = None
) -> Function:
    allow = {"Effect": "Allow", "Action": ["logs:*"], "Resource": "*"}
    role = kit.role(f"{name}-role", "lambda.amazonaws.com", [allow])
    function = Function(name, region, role, lines, error)
    kit.world.machines.functions[region, name] = function
    kit.world.log_store.add_group(region, function.log_group, 30)
    return function


def _machine(kit: Kit, region: str) -> Machine:
    allow = {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": "*"}
    role = kit.role("import-nightly-role", "states.amazonaws.com", [allow])
    tasks = {
        "List": _function(kit, region, "import-list", ("listing s3://example-imports/", "0 files of today")),
        "Copy": _function(
            kit,
            region,
            "import-copy",
            ("copying the day's file",),
            ("FileNotFoundError", "s3://example-imports/today.csv is not there"),
        ),
    }
    group = "/aws/vendedlogs/states/import-nightly"
    machine = Machine("import-nightly", region, role, tasks, kit.world.boot - 90 * 24 * HOUR, group)
    kit.world.machines.machines[machine.arn] = machine
    kit.world.log_store.add_group(region, group, 30)
    return machine
