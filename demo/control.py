"""The control interface under ``/_demo/`` (see the package's docstring)."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from demo.calls import CallLog
from demo.faults import Faults
from demo.wire.protocol import Request, Response
from demo.world import World

__all__ = ["Control", "moment"]


def moment(value: float | str) -> float:
    """Read a moment: epoch seconds, or ISO 8601 text (UTC unless it says otherwise)."""
    if isinstance(value, int | float):
        return float(value)
    parsed = dt.datetime.fromisoformat(value)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)).timestamp()


class Control:
    """Answers control requests."""

    def __init__(self, world: World, faults: Faults, calls: CallLog) -> None:
        self._world = world
        self._faults = faults
        self._calls = calls
        self._routes: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
            ("GET", "health"): lambda _body: {"ready": True, "now": world.clock.now()},
            ("GET", "clock"): lambda _body: self._clock_state(),
            ("POST", "clock"): self._set_clock,
            ("GET", "faults"): lambda _body: {"faults": faults.listed()},
            ("POST", "faults"): lambda body: {"id": faults.add(dict(body))},
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "calls"): lambda body: calls.summary(int(body.get("recent", 200))),
            ("DELETE", "calls"): self._clear_calls,
            ("POST", "push"): self._push,
            ("POST", "connections"): self._set_connection,
            ("GET", "stories"): lambda _body: {"stories": world.stories},
        }

    def handle(self, request: Request) -> Response:
        """Answer one control request."""
        name, _, rest = request.path.removeprefix("/_demo/").partition("/")
        route = self._routes.get((request.method, name))
        if route is None:
            return _json(404, {"error": f"no {request.method} {request.path}"})
        body: dict[str, Any] = {key: values[0] for key, values in parse_qs(request.query).items()}
        try:
            if request.body:
                body |= orjson.loads(request.body)
            if rest:
                body["id"] = rest
            return _json(200, route(body))
        except (KeyError, TypeError, ValueError) as error:
            return _json(400, {"error": f"{type(error).__name__}: {error}"})

    def _clock_state(self) -> Mapping[str, Any]:
        clock = self._world.clock
        return {"now": clock.now(), "speed": clock.speed, "frozen": clock.frozen}

    def _set_clock(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        clock = self._world.clock
        if "speed" in body:
            clock.set_speed(float(body["speed"]))
        if body.get("freeze") is True:
            clock.freeze(moment(body["at"]) if body.get("at") is not None else None)
        elif body.get("freeze") is False:
            clock.resume()
        if "advance" in body:
            clock.advance(float(body["advance"]))
        self._world.tick()
        return self._clock_state()

    def _clear_faults(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self._faults.clear(int(body["id"]) if "id" in body else None)
        return {}

    def _clear_calls(self, _body: Mapping[str, Any]) -> Mapping[str, Any]:
        self._calls.clear()
        return {}

    def _push(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self._world.tick()
        repository = self._world.repositories[body["repository"]]
        facts = dict(body.get("facts", {}))
        commit = self._world.push(
            repository.name,
            body.get("branch") or next(iter(repository.branches), "main"),
            body["message"],
            body.get("author", "robin"),
            facts=facts,
            files=body.get("files"),
        )
        return {"revision": commit.id}

    def _set_connection(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self._world.connections[body["arn"]].status = body.get("status", "AVAILABLE")
        return {}


def _json(status: int, body: Mapping[str, Any]) -> Response:
    return Response(status, orjson.dumps(body), {"content-type": "application/json"})
