"""The account as an HTTP application: tells calls apart, lays faults over them, and lets a handler or moto answer."""

import asyncio
import random
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from demo.calls import CallLog
from demo.control import Control
from demo.faults import Faults
from demo.names import uuid
from demo.server import Abort
from demo.services import Handler, Invocation, Streamed, find
from demo.wire.errors import AwsError, ModelMismatch
from demo.wire.eventstream import encoded
from demo.wire.models import operation
from demo.wire.protocol import Call, Request, Response, identify, render_error
from demo.wire.shapes import check_input, check_output
from demo.world import World

__all__ = ["App"]

_TICK_S = 0.25


class App:
    """Answers requests for one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.calls = CallLog()
        self._control = Control(world, self.faults, self.calls)
        self._request_ids = random.Random()
        # moto's import of a service takes up to seconds: threads keep it away from everybody else's calls.
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="moto")

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        if request.path.startswith("/_demo/"):
            return self._control.handle(request)
        call, agent = identify(request), request.headers.get("user-agent", "")
        request_id = uuid(self._request_ids)
        delay, fault = self.faults.meet(call)
        if delay:
            await asyncio.sleep(delay)
        if fault is not None:
            self.calls.record(call, 0 if fault.reset else fault.http_status, fault.code, agent)
            if fault.reset:
                raise Abort
            refused = AwsError(fault.code, fault.message or fault.code, fault.http_status)
            return render_error(call, refused, request_id)
        response = await self._answer(call, request, request_id)
        self.calls.record(call, response.status, response.headers.get("x-amzn-errortype", ""), agent)
        return response

    async def _answer(self, call: Call, request: Request, request_id: str) -> Response:
        try:
            self.world.tick()
            handler = find(call.service, call.operation)
            if handler is None and (call.service, call.operation) == ("sqs", "ReceiveMessage"):
                return await self._receive(call, request)
            if handler is None:
                return await self._from_moto(call, request)
            return self._serve(call, request, handler, request_id)
        except AwsError as error:
            return render_error(call, error, request_id)
        except ModelMismatch as error:
            self.calls.mismatches.append(f"{call.service}:{call.operation}: {error}")
            return render_error(call, AwsError("InternalFailure", f"demo account: {error}", 500), request_id)
        except Exception:  # noqa: BLE001 - the server must outlive any fault of one handler
            traceback.print_exc(file=sys.stderr)
            text = traceback.format_exc().strip().splitlines()[-1]
            self.calls.mismatches.append(f"{call.service}:{call.operation}: {text}")
            return render_error(call, AwsError("InternalFailure", f"demo account: {text}", 500), request_id)

    def _serve(self, call: Call, request: Request, handler: Handler, request_id: str) -> Response:
        name = _MODELS.get(call.service, call.service)
        model = operation(name, call.operation)
        if model is None:
            raise AwsError("UnknownOperationException", f"no operation {call.operation}")
        invocation = Invocation(self.world, call.region, call.operation, name)
        if call.protocol == "query":
            from demo.wire.query import parse_query, render_query  # noqa: PLC0415

            result: Any = handler(invocation, parse_query(model, request.body))
            check_output(model.output_shape, result, call.operation)
            return render_query(model, result, request_id)
        try:
            params: Any = orjson.loads(request.body or b"{}")
        except orjson.JSONDecodeError:
            raise AwsError("SerializationException", "could not be parsed") from None
        result = handler(invocation, check_input(model.input_shape, params))
        if isinstance(result, Streamed):
            headers = {"x-amzn-RequestId": request_id, "content-type": "application/vnd.amazon.eventstream"}
            return Response(200, b"", headers, stream=encoded(model, result.events))
        body = orjson.dumps(check_output(model.output_shape, result, call.operation))
        return Response(200, body, {"x-amzn-RequestId": request_id, "content-type": "application/x-amz-json-1.1"})

    async def _from_moto(self, call: Call, request: Request) -> Response:
        loop = asyncio.get_running_loop()

        def work() -> Response:
            self.world.prepare(call.service, call.region)
            return self.world.moto.serve(request)

        return await loop.run_in_executor(self._threads, work)

    async def _receive(self, call: Call, request: Request) -> Response:
        """Let a long poll wait here: moto would keep one of its few threads for it."""
        try:
            params = orjson.loads(request.body)
            wait_s = min(float(params.get("WaitTimeSeconds") or 0), 20.0)
        except (orjson.JSONDecodeError, AttributeError, ValueError):
            return await self._from_moto(call, request)
        request.body = orjson.dumps(params | {"WaitTimeSeconds": 0})
        deadline = asyncio.get_running_loop().time() + wait_s
        while True:
            answer = await self._from_moto(call, request)
            if answer.status != 200 or b'"Messages"' in answer.body or asyncio.get_running_loop().time() >= deadline:
                return answer
            await asyncio.sleep(_TICK_S / 2)

    async def live(self) -> None:
        """Let time pass for as long as the account is served."""
        while True:
            await asyncio.sleep(_TICK_S)
            try:
                self.world.tick()
            except Exception:  # noqa: BLE001 - one broken process must not stop the account's time
                traceback.print_exc(file=sys.stderr)


# Signing name → botocore's name, where they differ.
_MODELS = {"elasticloadbalancing": "elbv2", "states": "stepfunctions"}
