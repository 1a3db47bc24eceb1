"""Messages of ``application/vnd.amazon.eventstream``: lengths, headers, payload, two checksums.

https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html (the encoding is the same for all services)
"""

import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any
from zlib import crc32

import orjson
from botocore.model import OperationModel

from demo.wire.shapes import check_output

__all__ = ["encoded", "event", "exception", "message"]

_STRING = 7  # a header's type


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """Encode one message; all headers are strings."""
    block = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", _STRING, len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack("!II", 12 + len(block) + len(payload) + 4, len(block))
    checked = prelude + struct.pack("!I", crc32(prelude)) + block + payload
    return checked + struct.pack("!I", crc32(checked))


def event(name: str, payload: bytes) -> bytes:
    """Encode an event of a stream, such as ``sessionUpdate``."""
    return message({":message-type": "event", ":event-type": name, ":content-type": "application/json"}, payload)


def exception(name: str, payload: bytes) -> bytes:
    """Encode an exception that ends a stream."""
    headers = {":message-type": "exception", ":exception-type": name, ":content-type": "application/json"}
    return message(headers, payload)


async def encoded(model: OperationModel, events: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """Encode an operation's events, each checked against the model; JSON services begin with an initial response.

    Raises:
        ModelMismatch: an event that AWS would not send.
    """
    members = model.get_event_stream_output().members
    yield event("initial-response", b"{}")
    async with aclosing(events) as each:  # type: ignore[type-var]
        async for named in each:
            for name, value in named.items():
                shape = members[name]
                payload = orjson.dumps(check_output(shape, value, name))
                yield exception(name, payload) if shape.metadata.get("exception") else event(name, payload)
