"""A program that speaks as a Textual one does on the web: says its arguments, repeats what it is told, ends when asked.

With ``--deaf`` it does not end when asked.
"""

from __future__ import annotations

import json
import os
import signal
import sys


def say(data: bytes) -> None:
    os.write(1, b"D" + len(data).to_bytes(4, "big") + data)


def main() -> None:
    if "--deaf" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(1, b"__GANGLION__\n")
    told = {"pid": os.getpid(), "args": sys.argv[1:], "token": os.environ.get("PIPEMEDIC_WEB_TOKEN", "")}
    told |= {"size": [os.environ["COLUMNS"], os.environ["ROWS"]]}
    say(json.dumps(told).encode())
    while head := sys.stdin.buffer.read(5):
        payload = sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
        if head[:1] == b"D":
            say(payload)
        elif json.loads(payload)["type"] == "quit" and "--deaf" not in sys.argv:
            return
    if "--deaf" in sys.argv:
        signal.pause()


main()
