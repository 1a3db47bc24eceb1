"""Serve the account: ``python -m demo --port 0`` prints one line of JSON when it is ready, and serves until stopped."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import threading

from demo.environment import environment_for


def main() -> None:
    """Run the server as a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="An AWS account on a loopback port.")
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--speed", type=float, default=1.0, help="account seconds in a real second")
    parser.add_argument("--frozen-at", help="ISO 8601 moment at which the account's clock stands still")
    parser.add_argument("--seed", type=int, default=7, help="what ids, logs and histories are drawn from")
    parser.add_argument("--extra", action="append", default=[], help="a further pipeline, of demo.extras by name")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    options = parser.parse_args()
    try:
        asyncio.run(_serve(options))
    except KeyboardInterrupt:
        pass
    except (ImportError, OSError) as error:
        # Whoever started this reads standard output for one line.
        print(f"{type(error).__name__}: {error}", flush=True)  # noqa: T201
        sys.exit(1)


async def _serve(options: argparse.Namespace) -> None:
    from demo.account import create_app  # noqa: PLC0415 - the parser answers --help without loading botocore
    from demo.server import serve  # noqa: PLC0415

    app = create_app(speed=options.speed, frozen_at=options.frozen_at, seed=options.seed, more=options.extra)
    server = await serve(app.handle, options.port)
    endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if options.with_parent:
        _end_with_parent(loop, stopped)
    print(json.dumps({"endpoint_url": endpoint, "environment": environment_for(endpoint)}), flush=True)  # noqa: T201
    life = asyncio.create_task(app.live())
    await stopped.wait()
    life.cancel()
    server.close()
    # Nothing is worth keeping, and a thread may be in the middle of importing one of moto's services.
    os._exit(0)


def _end_with_parent(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    """Stop when the other end of standard input goes away, which it does however the parent ends."""

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while sys.stdin.buffer.read(1):
                pass
        loop.call_soon_threadsafe(stopped.set)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


if __name__ == "__main__":
    main()
