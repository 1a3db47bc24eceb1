"""checkout-api: new tasks fail the health check of the load balancer."""

from demo.engine.model import Trigger
from demo.files import DOCKER, script
from demo.kit import DAY, HOUR, Kit, action, stage
from demo.platform.containers import Service
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "checkout-api",
    "eu-west-1",
    "ecs.health-check",
    "the target group checks /healthz, the new revision answers on /health: tasks are stopped, the breaker trips",
    "elbv2 ModifyTargetGroup HealthCheckPath /health; RetryStageExecution Deploy",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/checkout-api"
    held = kit.repository(repository, files={"buildspec.yml": DOCKER}, age_s=1.4 * DAY)
    before = held.head("main")
    kit.amend(
        held,
        "Raise cart limit to 250 items, move health check to /health",
        "lena",
        700,
        facts={"health_path": "/health"},
    )
    kit.project("checkout-api", region, privileged=True)
    kit.project("checkout-api-smoke", region, buildspec=script("./scripts/smoke.sh https://shop.example.com"))
    world = kit.world
    group = world.balancers.add("checkout-api", region, 8080, world.boot - 300 * DAY)
    rng = world.rng("service", "checkout-api")
    service = Service(region, "shop-prod", "checkout-api", 3, group, world.boot - 300 * DAY, rng)
    execute = {"Effect": "Allow", "Action": ["ecr:*", "logs:*"], "Resource": "*"}
    kit.role("checkout-api-task-execution", "ecs-tasks.amazonaws.com", [execute], path="/")
    read = {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": "*"}
    kit.role("checkout-api-task", "ecs-tasks.amazonaws.com", [read], path="/")
    world.log_store.add_group(region, "/ecs/checkout-api", 14)
    world.containers.add(
        service, f"111122223333.dkr.ecr.{region}.amazonaws.com/checkout-api:previous", before, world.boot - 1.3 * DAY
    )
    ship = action(
        "Ship",
        "Deploy",
        "ECS",
        {"ClusterName": "shop-prod", "ServiceName": "checkout-api", "FileName": "imagedefinitions.json"},
        inputs=("BuildArtifact",),
    )
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("checkout-api")),
            stage("Deploy", ship),
            stage(
                "Smoke", codebuild("checkout-api-smoke", "Smoke", inputs="BuildArtifact", output="", category="Test")
            ),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 58, every_s=7 * HOUR, ended_s_ago=1.35 * DAY, trigger=trigger)
    kit.run(pipeline, 690, trigger)
