"""A small HTTP/1.1 server on asyncio: keep-alive, both body framings, ``Expect: 100-continue``; loopback only."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

from demo.wire.protocol import Request, Response

__all__ = ["Abort", "serve"]

Handler = Callable[[Request], Awaitable[Response]]
_LARGEST_HEAD = 256 * 1024
_LARGEST_BODY = 64 * 1024 * 1024


class Abort(Exception):
    """Raised by a handler that wants the connection reset instead of answered."""


async def serve(handler: Handler, port: int) -> asyncio.Server:
    """Start to serve on 127.0.0.1; port 0 lets the system choose."""

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A cancelled conversation is the server being stopped: nothing is left to do for it.
        ends = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError)
        with contextlib.suppress(*ends):
            await _converse(handler, reader, writer)
        writer.close()

    return await asyncio.start_server(on_connection, "127.0.0.1", port, limit=_LARGEST_HEAD, backlog=512)


async def _converse(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, version = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:]:
            if line:
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await _read_body(reader, headers)
        path, _, query = target.partition("?")
        try:
            response = await handler(Request(method, path, query, headers, body))
        except Abort:
            writer.transport.abort()
            return
        keep = headers.get("connection", "").lower() != "close" and version != "HTTP/1.0"
        if response.stream is not None:
            await _send_pieces(writer, response, response.stream)
            return
        writer.write(_render(response, keep=keep, body=method != "HEAD"))
        await writer.drain()
        if not keep:
            return


async def _send_pieces(writer: asyncio.StreamWriter, response: Response, pieces: AsyncIterator[bytes]) -> None:
    """Send an answer as it comes into being; the connection ends with it, and it with the connection."""
    head = [f"HTTP/1.1 {response.status} OK", "transfer-encoding: chunked", "connection: close"]
    head += [f"{name.lower()}: {value}" for name, value in response.headers.items()]
    writer.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n")
    async with contextlib.aclosing(pieces) as each:  # type: ignore[type-var]
        async for piece in each:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        parts = []
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        while (await reader.readuntil(b"\r\n")) != b"\r\n":
            pass
        headers.pop("transfer-encoding")
        headers["content-length"] = str(sum(map(len, parts)))
        return b"".join(parts)
    length = min(int(headers.get("content-length") or 0), _LARGEST_BODY)
    return await reader.readexactly(length) if length else b""


def _render(response: Response, *, keep: bool, body: bool) -> bytes:
    try:
        reason = HTTPStatus(response.status).phrase
    except ValueError:
        reason = "Unknown"
    headers = {name.lower(): value for name, value in response.headers.items()}
    if body or "content-length" not in headers:
        headers["content-length"] = str(len(response.body))
    headers["connection"] = "keep-alive" if keep else "close"
    lines = [f"HTTP/1.1 {response.status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
    head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
    return head + response.body if body else head
