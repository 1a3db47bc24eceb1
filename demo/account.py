"""Puts the account together: world, beginnings, application."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from demo.app import App
from demo.clock import Clock
from demo.control import moment
from demo.extras import extras
from demo.kit import Kit
from demo.names import CALLER
from demo.stories import stories
from demo.world import World

__all__ = ["create_app", "create_world"]


def create_world(clock: Clock, seed: int = 7, more: Iterable[str] = ()) -> World:
    """Build the account's beginnings and let it live up to the present."""
    world = World(clock, seed)
    kit = Kit(world)
    kit.administrator(CALLER)
    for module in (*stories(), *extras(more)):
        story: Any = module
        story.build(kit)
        world.stories.append(asdict(story.STORY))
    for region in {region for region, _ in world.pipelines}:
        world.log_store.seed(region)
    world.tick()
    return world


def create_app(*, speed: float = 1.0, frozen_at: str | None = None, seed: int = 7, more: Iterable[str] = ()) -> App:
    """Build the account, with further pipelines of `demo.extras` by name, and the application that serves it."""
    clock = Clock(None if frozen_at is None else moment(frozen_at), speed=speed, frozen=frozen_at is not None)
    return App(create_world(clock, seed, more))
