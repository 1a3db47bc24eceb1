"""The guard as aiohttp sees it: a middleware that turns visitors away, and the headers that every answer bears."""

from __future__ import annotations

from importlib.resources import files

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from tui.web.guard import Guard

__all__ = ["gate", "seal"]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; "
        "connect-src 'self' {socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ONWARD = '<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/"><a href="/">pipemedic</a>'


def gate(guard: Guard, cookie: str) -> Middleware:
    """Return the middleware; `cookie` is the name of the session's cookie."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = request.headers.get(hdrs.HOST, "")
        if not guard.host_allowed(host):
            raise web.HTTPForbidden(text="This server does not go by that name.\n")
        if request.method not in {hdrs.METH_GET, hdrs.METH_HEAD}:
            raise web.HTTPMethodNotAllowed(request.method, [hdrs.METH_GET, hdrs.METH_HEAD])
        origin = request.headers.get(hdrs.ORIGIN)
        is_socket = request.headers.get(hdrs.UPGRADE, "").lower() == "websocket" or request.path == "/ws"
        if (origin is None and is_socket) or (origin is not None and not guard.same_origin(origin, host)):
            raise web.HTTPForbidden(text="Only pages of this server may ask for that.\n")
        if guard.token and request.path == "/" and "token" in request.query:
            return _first_visit(guard, cookie, request)
        if not guard.admits(request.headers.get(hdrs.AUTHORIZATION, ""), request.cookies.get(cookie, "")):
            return _refused()
        return await handler(request)

    return check


def _first_visit(guard: Guard, cookie: str, request: web.Request) -> web.Response:
    """Take the token out of the address and into a cookie."""
    if not guard.knows_token(request.query["token"]):
        return _refused()
    answer = web.Response(status=303, headers={hdrs.LOCATION: "/"})
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # A strict cookie is not sent where another site's link led here, redirects included; from a page of ours it is.
        answer = web.Response(text=_ONWARD, content_type="text/html")
    answer.set_cookie(cookie, guard.session, httponly=True, samesite="Strict", secure=request.secure, path="/")
    answer.headers[hdrs.CACHE_CONTROL] = "no-store"
    return answer


def _refused() -> web.Response:
    page = files("tui.web").joinpath("page", "refused.html").read_text("utf-8")
    headers = {hdrs.WWW_AUTHENTICATE: "Bearer", hdrs.CACHE_CONTROL: "no-store"}
    return web.Response(status=401, text=page, content_type="text/html", headers=headers)


async def seal(request: web.Request, response: web.StreamResponse) -> None:
    """Lay the headers over an answer that is about to be sent."""
    host = request.headers.get(hdrs.HOST, "")
    fits = host.replace(".", "").replace("-", "").replace(":", "").replace("[", "").replace("]", "").isalnum()
    socket = f"ws://{host} wss://{host}" if fits else ""
    for name, value in _HEADERS.items():
        response.headers[name] = value.replace("{socket}", socket)
    response.headers.pop(hdrs.SERVER, None)
