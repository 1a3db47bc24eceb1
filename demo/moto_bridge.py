"""The way into moto: its backends as objects for the engine, its WSGI application for clients.

moto is told the account's id and time; both have to be in place before its modules are imported, therefore this module
is the only one that imports moto.
"""

import datetime as dt
import io
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from demo.wire.protocol import Request, Response

__all__ = ["MotoBridge"]


class MotoBridge:
    """moto for one account.

    Args:
        account_id: the account all calls belong to.
        now: the account's clock, in seconds since the epoch.
    """

    def __init__(self, account_id: str, now: Callable[[], float]) -> None:
        os.environ["MOTO_ACCOUNT_ID"] = account_id
        os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")
        os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")
        import moto.core.utils as moto_utils  # noqa: PLC0415

        def utcnow() -> dt.datetime:
            return dt.datetime.fromtimestamp(now(), tz=dt.UTC).replace(tzinfo=None)

        moto_utils.utcnow = utcnow
        self.account_id = account_id
        self._application: Any = None

    def iam(self) -> Any:
        """Return moto's IAM backend."""
        from moto.iam.models import iam_backends  # noqa: PLC0415

        return iam_backends[self.account_id]["aws"]

    def s3(self) -> Any:
        """Return moto's S3 backend."""
        from moto.s3.models import s3_backends  # noqa: PLC0415

        return s3_backends[self.account_id]["aws"]

    def logs(self, region: str) -> Any:
        """Return moto's CloudWatch Logs backend of a region."""
        from moto.logs.models import logs_backends  # noqa: PLC0415

        return logs_backends[self.account_id][region]

    def backend(self, service: str, region: str) -> Any:
        """Return any other backend by moto's name for the service; the first call imports the service."""
        from moto.backends import get_backend  # noqa: PLC0415

        held: Any = get_backend
        return held(service)[self.account_id][region]

    @staticmethod
    def loaded(module: str) -> bool:
        """Tell whether a service of moto (``ssm``, ``events``) has been imported by now."""
        return f"moto.{module}.models" in sys.modules

    def serve(self, request: Request) -> Response:
        """Let moto's WSGI application answer a request."""
        if self._application is None:
            from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415

            self._application = DomainDispatcherApplication(create_backend_app)
        answer = Response()

        def start_response(status: str, headers: list[tuple[str, str]], _exc: Any = None) -> None:
            answer.status = int(status.split(" ", 1)[0])
            answer.headers = dict(headers)

        chunks: Iterable[bytes] = self._application(_environ(request), start_response)
        answer.body = b"".join(chunks)
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
        if request.method == "GET" and "notification" in request.query.partition("&")[0]:
            self._tell_eventbridge(request, answer)
        return answer

    def _tell_eventbridge(self, request: Request, answer: Response) -> None:
        """Add what moto keeps of a bucket's notifications and leaves out of its answer."""
        bucket = self.s3().buckets.get(unquote(request.path).strip("/").partition("/")[0])
        held = bucket.notification_configuration if bucket is not None else None
        if held is not None and held.event_bridge is not None and b"<EventBridgeConfiguration" not in answer.body:
            opened = answer.body.replace(b'/"/>', b'/"></NotificationConfiguration>')
            end = b"</NotificationConfiguration>"
            answer.body = opened.replace(end, b"<EventBridgeConfiguration/>" + end)


def _environ(request: Request) -> dict[str, Any]:
    host = request.headers.get("host", "127.0.0.1")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(request.path, "latin-1"),
        "RAW_URI": request.raw_path,
        "REQUEST_URI": request.raw_path,
        "QUERY_STRING": request.query,
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": host.partition(":")[2] or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in request.headers.items():
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name != "content-length":
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ
