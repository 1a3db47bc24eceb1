"""The server over HTTP, with a stand-in for the program."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, WSServerHandshakeError
from aiohttp.test_utils import TestServer

from tui.web import service
from tui.web.guard import Guard
from tui.web.server import MedicServer

TOKEN = "correct-horse-battery"
STAND_IN = [sys.executable, str(Path(__file__).parent / "stand_in.py")]


class Site:
    """A running server and somebody who asks it."""

    def __init__(self, server: MedicServer, test: TestServer, session: ClientSession) -> None:
        self.server = server
        self.session = session
        self.host = f"127.0.0.1:{test.port}"
        self.origin = f"http://{self.host}"

    async def status(self, path: str = "/", method: str = "GET", **headers: str) -> int:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, self.origin + path, headers=given, allow_redirects=False) as answer:
            return answer.status

    async def socket(self, query: str = "", **headers: str) -> ClientWebSocketResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.session.ws_connect(f"{self.origin}/ws{query}", headers=given)

    async def refused_socket(self, **headers: str) -> int:
        with pytest.raises(WSServerHandshakeError) as error:
            await self.socket(**headers)
        return error.value.status


@asynccontextmanager
async def serving(token: str = "", *words: str) -> AsyncIterator[Site]:
    server = MedicServer([*STAND_IN, *words], Guard.of("127.0.0.1", token), 0)
    test = TestServer(await server._make_app())
    await test.start_server()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        try:
            yield Site(server, test, session)
        finally:
            await test.close()


async def until(predicate: Callable[[], object], timeout_s: float = 15.0) -> None:
    end = time.monotonic() + timeout_s
    while not predicate():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def hello(socket: ClientWebSocketResponse) -> dict[str, Any]:
    found = json.loads((await socket.receive_bytes(timeout=15)).decode())
    assert isinstance(found, dict)
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_stranger_without_the_token_gets_nothing() -> None:
    async with serving(TOKEN) as site:
        for path in (
            "/",
            "/?token=",
            "/?token=wrong",
            "/static/js/textual.js",
            "/page/page.js",
            "/download/x",
            "/none",
        ):
            assert await site.status(path) == 401, path
        assert await site.refused_socket(Origin=site.origin) == 401
        assert await site.status(Authorization="Bearer wrong") == 401
        assert await site.status(Cookie=f"pipemedic-0={TOKEN}") == 401


async def test_the_token_opens_by_header_and_by_the_first_address_which_becomes_a_cookie() -> None:
    async with serving(TOKEN) as site:
        assert await site.status(Authorization=f"Bearer {TOKEN}") == 200
        async with site.session.get(f"{site.origin}/?token={TOKEN}", allow_redirects=False) as first:
            assert (first.status, first.headers["Location"]) == (303, "/")
            cookie = first.headers["Set-Cookie"]
        assert re.search(r"; HttpOnly; Path=/; SameSite=Strict$", cookie)
        assert TOKEN not in cookie
        assert await site.status("/") == 200
        socket = await site.socket(Origin=site.origin)
        assert (await hello(socket))["token"] == ""
        await socket.close()


async def test_a_link_from_another_site_is_led_on_by_a_page_so_that_the_strict_cookie_is_sent() -> None:
    async with serving(TOKEN) as site:
        given = {"Sec-Fetch-Site": "cross-site"}
        async with site.session.get(f"{site.origin}/?token={TOKEN}", headers=given, allow_redirects=False) as first:
            assert first.status == 200
            assert 'http-equiv="refresh"' in await first.text()
            assert "SameSite=Strict" in first.headers["Set-Cookie"]


async def test_a_name_that_is_not_ours_is_refused_with_and_without_a_token() -> None:
    for token in ("", TOKEN):
        async with serving(token) as site:
            auth = f"Bearer {TOKEN}"
            assert await site.status(Host="evil.example", Authorization=auth) == 403
            assert await site.status("/static/js/textual.js", Host=f"evil.example:{site.host[-5:]}") == 403
            refused = await site.refused_socket(Host="evil.example", Origin="http://evil.example", Authorization=auth)
            assert refused == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null", "https://localhost", ""])
async def test_a_websocket_from_another_page_is_refused_on_loopback_too(origin: str) -> None:
    async with serving() as site:
        assert await site.refused_socket(Origin=origin) == 403
        assert await site.status("/", Origin=origin) == 403
        assert not site.server.services


async def test_a_websocket_without_an_origin_is_refused() -> None:
    async with serving() as site:
        assert await site.refused_socket() == 403


async def test_nothing_is_listed_written_or_found_outside() -> None:
    async with serving() as site:
        assert await site.status("/static/") in {403, 404}
        assert await site.status("/page/") in {403, 404}
        assert await site.status("/static/..%2f..%2fserver.py") in {403, 404}
        assert await site.status("/", method="POST") == 405
        assert await site.status("/download/none") == 404


async def test_every_answer_forbids_framing_and_foreign_sources() -> None:
    async with serving() as site:
        for path in ("/", "/none", "/static/js/textual.js"):
            async with site.session.get(site.origin + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "frame-ancestors 'none'" in policy
                assert "script-src 'self';" in policy
                assert answer.headers["X-Frame-Options"] == "DENY"
                assert "Server" not in answer.headers


async def test_all_that_the_page_names_comes_from_here() -> None:
    async with serving() as site:
        async with site.session.get(site.origin) as answer:
            page = await answer.text()
        named = re.findall(r'(?:src|href)="([^"]+)"', page)
        for path in [each for each in named if each != "data:,"]:
            assert path.startswith("/")
            async with site.session.get(site.origin + path) as answer:
                assert answer.status == 200
                if path.endswith(".css"):
                    fonts = re.findall(r'url\("([^"]+)"\)', await answer.text())
                    assert [await site.status(each) for each in fonts] == [200] * len(fonts)


async def test_a_visitor_has_a_program_of_its_own_which_ends_with_the_visit() -> None:
    async with serving("", "--region=eu-west-1; touch pwned", "--profile=$(id)") as site:
        socket = await site.socket("?width=100&height=30", Origin=site.origin)
        other = await site.socket("?width=999999&height=x", Origin=site.origin)
        one, two = await hello(socket), await hello(other)
        assert one["args"] == ["--region=eu-west-1; touch pwned", "--profile=$(id)"]
        assert one["size"] == ["100", "30"]
        assert two["size"] == ["500", "24"]
        assert one["pid"] != two["pid"]
        await socket.send_json(["stdin", "l"])
        assert (await socket.receive(timeout=10)).data == b"l"
        await socket.close()
        await until(lambda: not alive(one["pid"]))
        assert alive(two["pid"])
        await other.close()
        await until(lambda: not site.server.services)


async def test_what_is_not_understood_ends_the_visit_and_nothing_else() -> None:
    async with serving() as site:
        for word in ("no json", '{"a": 1}', "[]", '["resize", {"width": "x", "height": 1}]'):
            socket = await site.socket(Origin=site.origin)
            pid = (await hello(socket))["pid"]
            await socket.send_str(word)
            await socket.receive(timeout=10)
            assert socket.closed
            await until(lambda pid=pid: not alive(pid))  # type: ignore[misc]


async def test_a_program_that_will_not_end_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_GRACE_S", 0.2)
    async with serving("", "--deaf") as site:
        socket = await site.socket(Origin=site.origin)
        pid = (await hello(socket))["pid"]
        await socket.close()
        await until(lambda: not alive(pid))


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://console.aws.amazon.com/x", True),
        ("http://127.0.0.1/", True),
        ("javascript:alert(1)", False),
        ("javascript:x('\"http://')", False),
        ("file:///etc/passwd", False),
        ("data:text/html,x", False),
    ],
)
async def test_only_pages_of_the_web_are_opened_in_the_browser(url: str, opened: bool) -> None:
    sent: list[str] = []

    async def write(text: str) -> None:
        sent.append(text)

    nothing: Any = None
    program = service.MedicService((), write_bytes=nothing, write_str=write, close=nothing, download_manager=nothing)
    await program.on_meta(json.dumps({"type": "open_url", "url": url, "new_tab": True}).encode())
    assert bool(sent) is opened


async def test_there_is_room_for_so_many_visitors_and_no_more() -> None:
    async with serving() as site:
        sockets = [await site.socket(Origin=site.origin) for _ in range(8)]
        for each in sockets:
            await hello(each)
        assert await site.refused_socket(Origin=site.origin) == 503
