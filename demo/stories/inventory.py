"""inventory: a lifecycle hook script fails on the first server."""

from demo.engine.model import Trigger
from demo.files import NODE
from demo.kit import DAY, HOUR, Kit, action, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "inventory",
    "us-east-1",
    "codedeploy.hook-failed",
    "scripts/start_server.sh exits 1 in ApplicationStart: the unit file names a user that is not there",
    "push a revision without the fact hook_fails (the script corrected)",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/inventory"
    appspec = (
        "version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /srv/inventory\nhooks:\n  ApplicationStart:\n"
        "    - location: scripts/start_server.sh\n      timeout: 120\n      runas: root\n"
    )
    held = kit.repository(repository, files={"buildspec.yml": NODE, "appspec.yml": appspec}, age_s=2 * DAY)
    fails = {
        "hook": "ApplicationStart",
        "script": "scripts/start_server.sh",
        "exit": 1,
        "tail": [
            "LifecycleEvent - ApplicationStart",
            "Script - scripts/start_server.sh",
            "[stdout]reloading units",
            "[stderr]Failed to start inventory.service: Unit inventory.service has a bad unit file setting.",
            "[stderr]inventory.service: Failed to determine user credentials: No such process",
            "[stderr]See 'systemctl status inventory.service' and 'journalctl -xe' for details.",
        ],
    }
    kit.amend(held, "Run the service as its own user", "hugo", 9300, facts={"hook_fails": fails})
    kit.project("inventory", region)
    allow = {"Effect": "Allow", "Action": ["ec2:Describe*", "ec2:TerminateInstances", "autoscaling:*"], "Resource": "*"}
    role = kit.role("CodeDeployServiceRole-inventory", "codedeploy.amazonaws.com", [allow])
    kit.world.fleets.add(
        "inventory", "inventory-prod", region, role, kit.world.boot - 400 * DAY, kit.world.rng("fleet")
    )
    config = {"ApplicationName": "inventory", "DeploymentGroupName": "inventory-prod"}
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("inventory")),
            stage("Deploy", action("Servers", "Deploy", "CodeDeploy", config, inputs=("BuildArtifact",))),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 30, every_s=22 * HOUR, ended_s_ago=2 * DAY, trigger=trigger)
    kit.run(pipeline, 9200, trigger)
