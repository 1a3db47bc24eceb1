"""How a new revision starts pipelines: connections' events, EventBridge rules, polling; or how it does not."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from demo.engine.model import Repository, Trigger
from demo.engine.pipeline import Pipeline
from demo.engine.scheduler import Process
from demo.platform.rules import codecommit_event

if TYPE_CHECKING:
    from demo.world import World

__all__ = ["Detector"]


class Detector:
    """Watches repositories on behalf of the pipelines that take their source there."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def on_push(self, repository: Repository, branch: str) -> None:
        """Start every pipeline that notices the revision."""
        for pipeline in list(self._world.pipelines.values()):
            for action in pipeline.slots[0].declaration["actions"]:
                trigger = self._noticed(pipeline, action, repository, branch)
                if trigger is not None:
                    self._world.scheduler.spawn(self._start(pipeline, trigger))

    def _start(self, pipeline: Pipeline, trigger: Trigger) -> Process:
        yield 3.0
        self._world.runner.start(pipeline, trigger)

    def _noticed(  # noqa: PLR0911 - one way to miss a push after another
        self, pipeline: Pipeline, action: Any, repository: Repository, branch: str
    ) -> Trigger | None:
        provider, config = action["actionTypeId"]["provider"], action["configuration"]
        if provider == "CodeStarSourceConnection":
            connection = self._world.connections.get(config["ConnectionArn"])
            if config["FullRepositoryId"] != repository.name or connection is None or connection.status != "AVAILABLE":
                return None
            wanted = _branches(pipeline, action["name"])
            if wanted is None and (config.get("DetectChanges", "true") == "false" or config["BranchName"] != branch):
                return None
            if wanted is not None and not any(fnmatchcase(branch, pattern) for pattern in wanted):
                return None
            return Trigger("WebhookV2", config["ConnectionArn"])
        if provider == "CodeCommit" and config["RepositoryName"] == repository.name and config["BranchName"] == branch:
            if config.get("PollForSourceChanges") == "true":
                return Trigger("PollForSourceChanges", action["name"])
            head = repository.branches[branch][-1].id
            rule = self._world.rules.rule_for(
                pipeline, codecommit_event(pipeline.region, repository.name, branch, head)
            )
            return Trigger("CloudWatchEvent", rule) if rule else None
        return None


def _branches(pipeline: Pipeline, action: str) -> list[str] | None:
    """Return the branch patterns of a V2 trigger on an action, or nothing where there is no trigger."""
    for trigger in pipeline.definition.get("triggers", []):
        git = trigger.get("gitConfiguration", {})
        if git.get("sourceActionName") == action:
            found: list[str] = []
            for push in git.get("push", []):
                found += push.get("branches", {}).get("includes", [])
            return found or ["*"]
    return None
