"""The server: a page, a WebSocket a visitor, files to download; ends with all its programs."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

from aiohttp import hdrs, web
from textual_serve.server import Server, to_int

from tui.web.gate import gate, seal
from tui.web.guard import Guard
from tui.web.service import MedicService

__all__ = ["MedicServer"]

# Each visitor has a program of about 100 MB.
_MOST_VISITORS = 8
_MOST_MESSAGE = 1 << 20
_SHUTDOWN_S = 2.0
_PAGE = Path(str(files("tui.web"))) / "page"


class MedicServer(Server):
    """Serves the program.

    Args:
        words: what starts a visitor's program.
        guard: who may come in.
        port: where to listen; 0: any that is free.
    """

    def __init__(self, words: Sequence[str], guard: Guard, port: int) -> None:
        super().__init__("pipemedic", host=guard.bind, port=port, title="pipemedic")
        self.words = tuple(words)
        self.guard = guard
        self.services: set[MedicService] = set()
        self._sockets: set[web.WebSocketResponse] = set()

    async def _make_app(self) -> web.Application:
        """Only what is needed, behind the gate; nothing lists folders."""
        app = web.Application(middlewares=[gate(self.guard, f"pipemedic-{self.port or secrets.token_hex(4)}")])
        app.add_routes(
            [
                web.get("/", self.page),
                web.get("/ws", self.handle_websocket),
                web.get("/download/{key}", self.handle_download),
                web.static("/page", _PAGE),
                web.static("/static", self.statics_path),
            ]
        )
        app.on_response_prepare.append(seal)
        app.on_shutdown.append(self.on_shutdown)
        return app

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The page in which the program shows."""
        del request
        return web.FileResponse(_PAGE / "index.html", headers={hdrs.CACHE_CONTROL: "no-store"})

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Start a program for a visitor and carry what goes to and fro; it ends when either goes."""
        if len(self.services) >= _MOST_VISITORS:
            raise web.HTTPServiceUnavailable(text=f"{_MOST_VISITORS} visitors are here already.\n")
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=_MOST_MESSAGE)
        service = MedicService(
            self.words,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=socket.close,
            download_manager=self.download_manager,
        )
        self.services.add(service)
        self._sockets.add(socket)
        try:
            await socket.prepare(request)
            await service.start(to_int(request.query.get("width", ""), 80), to_int(request.query.get("height", ""), 24))
            await self._process_messages(socket, service)
        except (AssertionError, IndexError, KeyError, TypeError, ValueError):
            await socket.close(code=1008, message=b"not understood")
        finally:
            await service.stop()
            self.services.discard(service)
            self._sockets.discard(socket)
            await socket.close()
        return socket

    async def on_shutdown(self, app: web.Application) -> None:
        """End all programs, side by side."""
        del app
        await asyncio.gather(*(service.stop() for service in tuple(self.services)))
        await asyncio.gather(*(socket.close(code=1001) for socket in tuple(self._sockets)))

    async def run(self, ready: Callable[[int], None]) -> int:
        """Serve until a signal comes, and return its number.

        Args:
            ready: called with the port once visitors may come.

        Raises:
            OSError: the address cannot be listened on.
        """
        stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def stop(number: int) -> None:
            if not stopped.done():
                stopped.set_result(number)

        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(each, stop, each)
        runner = web.AppRunner(
            await self._make_app(), access_log=None, handle_signals=False, shutdown_timeout=_SHUTDOWN_S
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
            ready(int(runner.addresses[0][1]))
            return await stopped
        finally:
            await runner.cleanup()
