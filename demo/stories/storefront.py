"""storefront: healthy and slow. Its checks wait for each other and one flips, nothing is cached, artifacts are full."""

from demo.engine.model import Trigger
from demo.files import buildspec, script
from demo.kit import HOUR, Kit, action, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "storefront",
    "eu-west-1",
    "",
    "nothing is broken; it takes a quarter of an hour, most of it for the order of its actions",
    "UpdatePipeline with the same runOrder for the checks; a cache; artifacts without node_modules",
)

_BUNDLE = buildspec(install="npm ci", build="npm run build", extra="artifacts:\n  files:\n    - '**/*'\n")
_REPORTS = "reports:\n  browser:\n    files:\n      - reports/*.xml\n    file-format: JUNITXML\n"
_BROWSER = buildspec(build="npx jest browser", extra=_REPORTS)
_HEAP = {
    "node_modules/caniuse-lite/data.bin": 21_000_000,
    "node_modules/.cache/webpack/0.pack": 14_000_000,
    "node_modules/typescript/lib/typescript.js": 9_000_000,
    ".git/objects/pack/pack-4f1c.pack": 6_000_000,
    "dist/assets/main.js": 3_000_000,
}


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/storefront"
    kit.repository(
        repository,
        files={"buildspec.yml": _BUNDLE},
        head="Show the delivery date in the cart",
        author="nora",
        age_s=2.3 * HOUR,
        flaky=0.08,
    )
    kit.project(
        "storefront", region, compute="BUILD_GENERAL1_MEDIUM", pace=2.2, buildspec="buildspec.yml", ballast=_HEAP
    )
    checks = {"Unit": "npm test", "Contract": "npx jest contract", "Lint": "npm run lint"}
    for name, command in checks.items():
        kit.project(f"storefront-{name.lower()}", region, pace=2.4, buildspec=script("npm ci", command))
    kit.project("storefront-e2e", region, pace=3.0, buildspec=_BROWSER, flips=14)
    kit.named_bucket("storefront-example-shop", region)
    publish = action(
        "Publish",
        "Deploy",
        "S3",
        {"BucketName": "storefront-example-shop", "Extract": "true"},
        inputs=("BuildArtifact",),
    )
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("storefront", "Bundle", output="BuildArtifact")),
            stage(
                "Check",
                *(
                    codebuild(f"storefront-{name.lower()}", name, output="", category="Test", order=order)
                    for order, name in enumerate(checks, 1)
                ),
                codebuild("storefront-e2e", "Browser", inputs="BuildArtifact", output="", category="Test", order=4),
            ),
            stage("Publish", publish),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 60, every_s=7 * HOUR, ended_s_ago=5 * HOUR, trigger=trigger)
    kit.run(pipeline, 2.25 * HOUR, trigger)
