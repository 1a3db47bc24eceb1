"""What build commands do here: each tool prints what it prints and exits as the revision and the account make it.

A tool is a function from a bench and a command to a :class:`Result`; its lines are only told when somebody reads them.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from demo.engine.context import Timeline

if TYPE_CHECKING:
    from demo.engine.build import Build
    from demo.world import World

__all__ = ["Bench", "Result", "run_command"]


@dataclass(frozen=True, slots=True)
class Result:
    """A command's end: how long it took, how it exited, and what it printed."""

    lasts_s: float
    exit_code: int = 0
    lines: Sequence[str] | Callable[[], Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a command runs."""

    world: "World"
    build: "Build"
    timeline: Timeline
    rng: random.Random
    root: str

    def fact(self, name: str, default: Any = None) -> Any:
        """Return what the revision under build would show; builds of former times show nothing bad."""
        commit = self.build.commit
        if commit is None:
            return default
        return commit.facts.get(name, default)

    @property
    def memory_mb(self) -> int:
        """Memory of the compute type."""
        return _MEMORY_MB.get(self.build.settings["environment"]["computeType"], 3072)


# https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html
_MEMORY_MB = {
    "BUILD_GENERAL1_SMALL": 4096,
    "BUILD_GENERAL1_MEDIUM": 8192,
    "BUILD_GENERAL1_LARGE": 16384,
    "BUILD_GENERAL1_XLARGE": 73728,
    "BUILD_GENERAL1_2XLARGE": 147456,
}
# First match wins.
_TOOLS: tuple[tuple[str, str, str], ...] = (
    (r"npm ci|npm install|yarn install", "node", "install"),
    (r"npm (run )?test|npx jest|yarn test", "node", "test"),
    (r"npm run lint|eslint", "node", "lint"),
    (r"npm run build|npx (webpack|vite)|yarn build", "node", "bundle"),
    (r"pip install|poetry install|uv sync", "python", "install"),
    (r"pytest|python -m pytest", "python", "test"),
    (r"ruff|mypy|black", "python", "lint"),
    (r"\./mvnw|mvn ", "maven", "verify"),
    (r"docker build|docker buildx", "docker", "build"),
    (r"docker push", "docker", "push"),
    (r"docker login|get-login-password", "docker", "login"),
    (r"xcodebuild|fastlane", "apple", "archive"),
    (r"go (build|test|vet)", "golang", "go"),
    (r"terraform", "infra", "terraform"),
    (r"aws cloudformation package|cfn-lint|cdk synth|sam build", "infra", "synth"),
    (r"hugo|mkdocs", "site", "render"),
    (r"spark-submit|dbt|\./etl", "data", "transform"),
    (r".*", "shell", "plain"),
)
_COMPILED = tuple((re.compile(pattern), module, name) for pattern, module, name in _TOOLS)


def run_command(bench: Bench, command: str) -> Result:
    """Run a command of a buildspec."""
    for pattern, module, name in _COMPILED:
        if pattern.search(command):
            tool: Callable[[Bench, str], Result] = getattr(import_module(f"demo.tools.{module}"), name)
            result = tool(bench, command)
            return replace(result, lasts_s=result.lasts_s * bench.build.project.pace)
    return Result(0.1)
