"""Puts the account together: world, beginnings, application."""

import threading
from collections.abc import Callable
from typing import Any

from demo.app import App
from demo.clock import Clock
from demo.control import moment
from demo.kit import Kit
from demo.stories import stories
from demo.world import World

__all__ = ["create_app", "create_world"]


def create_world(clock: Clock, seed: int = 7) -> World:
    """Build the account's beginnings and let it live up to the present."""
    world = World(clock, seed)
    world.shelf["prepare"] = _prepare(world)
    world.shelf["tell_group"] = lambda region, group: _tell_group(world, region, group)
    kit = Kit(world)
    told = []
    for module in stories():
        story: Any = module
        story.build(kit)
        entry = {name: getattr(story.STORY, name) for name in ("name", "region", "cause", "wrong", "remedy")}
        told.append(entry)
    world.shelf["stories"] = told
    for region in {region for region, _ in world.pipelines}:
        world.log_store.seed(region)
    world.tick()
    return world


def create_app(*, speed: float = 1.0, frozen_at: str | None = None, seed: int = 7) -> App:
    """Build the account and the application that serves it."""
    clock = Clock(None if frozen_at is None else moment(frozen_at), speed=speed, frozen=frozen_at is not None)
    return App(create_world(clock, seed))


def _prepare(world: World) -> Callable[[str, str], None]:
    """Return what seeds a service of moto before its first call in a region."""

    lock = threading.Lock()

    def prepare(service: str, region: str) -> None:
        seeders: dict[str, Callable[[str], None]] = {
            "ssm": world.secrets.seed_ssm,
            "secretsmanager": world.secrets.seed_secrets,
            "events": world.rules.seed,
            "s3": lambda _region: world.artifacts.store(),
        }
        if service in seeders:
            # Calls come from several threads; nobody may see a service half seeded.
            with lock:
                seeders[service](region)

    return prepare


def _tell_group(world: World, region: str, group: str) -> None:
    """Tell the histories whose builds wrote into a log group."""
    for project in world.projects.values():
        logs = project.data["logsConfig"]["cloudWatchLogs"]
        if project.region != region or (logs.get("groupName") or f"/aws/codebuild/{project.name}") != group:
            continue
        for pipeline in world.pipelines.values():
            used = {
                action["configuration"].get("ProjectName")
                for stage in pipeline.definition["stages"]
                for action in stage["actions"]
            }
            if project.name in used and pipeline.region == region:
                pipeline.executions()
