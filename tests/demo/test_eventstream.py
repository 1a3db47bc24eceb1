"""Event streams as botocore reads them."""

from __future__ import annotations

import json
from typing import Any

from botocore.eventstream import EventStreamBuffer

from demo.names import ACCOUNT_ID
from demo.wire.eventstream import event, exception
from tests.demo.clients import Clients


def test_botocore_reads_what_the_encoder_writes() -> None:
    told = event("sessionUpdate", b'{"a": "\xc3\xa9"}') + exception("SessionTimeoutException", b"{}") + event("x", b"")
    buffer = EventStreamBuffer()
    found = []
    for start in range(0, len(told), 7):  # in pieces, as they come over a network
        buffer.add_data(told[start : start + 7])
        found += list(buffer)
    assert [each.headers[":message-type"] for each in found] == ["event", "exception", "event"]
    assert found[0].headers[":event-type"] == "sessionUpdate"
    assert json.loads(found[0].payload) == {"a": "é"}
    assert found[1].to_response_dict()["status_code"] == 400


def test_a_live_tail_begins_with_its_session_and_goes_on(shared: Clients) -> None:
    client: Any = shared("logs")
    client.meta.config.inject_host_prefix = False
    arn = f"arn:aws:logs:eu-west-1:{ACCOUNT_ID}:log-group:/example/ci"
    stream = client.start_live_tail(logGroupIdentifiers=[arn])["responseStream"]
    first, second = next(iter(stream)), next(iter(stream))
    stream.close()
    assert first["sessionStart"]["logGroupIdentifiers"] == [arn]
    assert second["sessionUpdate"]["sessionMetadata"] == {"sampled": False}
