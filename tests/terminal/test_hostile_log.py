"""Hostile text through every feature of a log pane, and the bytes that really reach the terminal."""

from __future__ import annotations

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.terminal.raw import Piece, RawTerminal, copied, pieces

pytestmark = pytest.mark.terminal

ROOT = Path(__file__).parent.parent.parent
UNSEEN = re.compile("[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_EVIL = "ZXZpbA=="
HOSTILE = [
    f"\x1b]52;c;{_EVIL}\x07 clipboard",
    f"\x1b]52;c;{_EVIL}\x1b\\ clipboard, other end",
    f"\x1b]52;c;{_EVIL}",  # no end at all
    "\x1b]0;evil title\x07 title",
    "\x1b]8;;https://evil.example/\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]9;evil notice\x07\x1b]777;notify;evil;x\x07\x1b]1337;File=inline=1:AAAA\x07",
    "\x1b]4;1;rgb:ff/00/00\x07\x1b]10;#ff0000\x07\x1b]104\x07 palette",
    "\x1bP+q544e\x1b\\ device control",
    "\x1b_Gf=100;AAAA\x1b\\ graphics\x1b^privacy\x1b\\\x1bXstring\x1b\\",
    "\x1b[2J\x1b[3J\x1b[H\x1b[10;10Hmoved\x1b[5A\x1b[1K\x1b[4h\x1b[r\x1b[1;5r",
    "\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?2004h\x1b[?1004h\x1b[?47h modes",
    "\x1b[6n\x1b[c\x1b[>c\x1b[x\x1b[21t\x1b[18t\x1b[5n answers asked for",
    "\x1bc\x1b7\x1b8\x1bD\x1bM\x1bE\x1b#8\x1b(0\x1bN\x1bO\x1b= resets",
    "\x9b2J\x9b31m\x9d52;c;ZXZpbA==\x9c\x90q\x9c\x84\x85\x8d C1",
    "\x07\x08\x0b\x0c\x0e\x0f\x00\x05\x7f\x1a\x18 C0",
    "overwritten\rlast\x1b[2K\rshown",
    "progress 1%\rprogress 50%\rprogress 100%\x1b[K",
    "\u202egnp.exe\u202c \u2066isolate\u2069 \u200fmark \u2028sep\u2029",
    "[/foo] [@click=app.quit]x[/] [red]r[/red] [INFO] [stage-1 3/5] $text",
    '{"a": "\\u001b]52;c;ZXZpbA==\\u0007", "b": "\\u009b2J\\u202e", "c": ["\\u0000", "\\u001b[2J"]}',
    '{"level": "error", "msg": "\x1b]52;c;ZXZpbA==\x07"}',
    "web_1  | \x1b[2J\x1b]0;evil\x07 a container's line",
    "2026-11-23T07:00:00Z ERROR \x1b]52;c;ZXZpbA==\x07 failed https://evil.example/\x1b]0;t\x07",
    "[Container] 2026/11/23 07:00:00.000000 Entering phase \x1b]52;c;ZXZpbA==\x07BUILD",
    "password=\x1b]52;c;ZXZpbA==\x07hunter2 AKIAIOSFODNN7EXAMPLE",
    "-----BEGIN PRIVATE KEY-----\x1b[2J",
    "MII\x1b]52;c;ZXZpbA==\x07Ew",
    "-----END PRIVATE KEY-----",
    "x" * 7_990 + f"\x1b]52;c;{_EVIL}\x07" + "y" * 20_000 + "\x1b[2J",
    "split over lines \x1b",
    f"]52;c;{_EVIL}\x07",
    "split again \x1b[",
    "2J",
    "\x1b[31mred\x1b[38;5;196mbright\x1b[48;2;1;2;3mtrue\x1b[5;8;7mblink\x1b[999999999m colours that stay open",
    "日本語 e\u0301 👩‍👩‍👧 \ufeff wide",
    "Traceback (most recent call last):\x1b]0;evil\x07",
    "select * from t where x = '\x1b]52;c;ZXZpbA==\x07'",
] * 3  # fmt: skip
BENIGN = [f"2026-11-23T07:00:00Z line {number} \x1b[31mred\x1b[0m" for number in range(len(HOSTILE))]
ENTER, RIGHT, GO_TO = "\r", "\x1b[C", "\x07"


def features(at: RawTerminal, path: Path) -> None:
    """Use all that a pane can do with its lines. The program is left by escape, so that none is pressed."""
    moves = ("G", "g", " ", "b", "j", "k", RIGHT, "h", "]", "[", "c", "n", "}", "{")
    looks = ("t", "t", "t", "t", "t", "w", "w", "#", "#", "i", "s", "s", "s", "H", "H", "e", "E", "F", "!")
    each(at, *moves, *looks)
    for key, text in (
        *(("/", text) for text in ("evil", "[Cc]lip")),
        *(("*", text) for text in ("", "evil", "/l[a-z]+/")),
        *(("&", text) for text in ("e", "", "!clipboard", "")),
        *((("W", "5m"), ("W", ""), (GO_TO, "50%"))),
    ):
        each(at, key, text + ENTER, "n", "N", "+", "-", "y")
    for number in (1, 3, 8, 17, 20, 24, 29):
        each(at, GO_TO, f"{number}{ENTER}", ENTER, "y", ENTER, "y")  # the line whole, and back
    another(at, "|", path)
    another(at, "_", path)
    each(at, "\t", "z", "z", "K", "g", " ", "X", "=", "\x1b[1;5C", "?", "?")
    another(at, "u", path.parent / "other.log")
    each(at, "G", "V", "j", "j", "y", "p", "v", "x")


def each(at: RawTerminal, *keys: str) -> None:
    """Press some keys, each once the one before has done what it does."""
    for key in keys:
        at.press(key)


def another(at: RawTerminal, key: str, path: Path) -> None:
    """Another log into the workspace, by its path."""
    at.press(key)
    at.until("letters of its name")
    at.press(str(path))
    at.until("open file")
    at.press(ENTER)
    at.until("ended")


def written(folder: Path, name: str, lines: list[str]) -> list[Piece | str]:
    """All that the program writes to the terminal on a log of these lines, whose file has this name."""
    folder.mkdir()
    path = folder / name
    text = "\n".join(lines) + "\n"
    path.write_bytes(text.encode(errors="surrogatepass") + b"\xff\xfe\x9b2J broken UTF-8\n\xe2\x80\n")
    (folder / "other.log").write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "tui", "logs", "--file", str(path), "--open"]
    kept = {each: os.environ[each] for each in ("PATH", "LANG", "PYTHONPATH") if each in os.environ}
    around = kept | {"HOME": str(folder), "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
    around |= {"PAGER": "cat", "VISUAL": "true"}
    with RawTerminal(command, around) as at:
        at.until("ended")
        features(at, folder / "other.log")
        assert at.running, at.text[-2000:]
        for _ in range(6):
            if at.running:
                at.press("\x11")  # ctrl+q, which no field takes
        assert at.wait() == 0, at.text[-2000:]
        return list(pieces(at.text))


def kinds(found: list[Piece | str]) -> set[str]:
    return {each.kind for each in found if isinstance(each, Piece)}


def test_what_reaches_the_terminal_holds_no_control_sequence_but_our_own(tmp_path: Path) -> None:
    evil_name = f"evil\x1b]52;c;{_EVIL}\x07[@click=app.quit]\u202e.log"
    with ThreadPoolExecutor() as side_by_side:
        calm = side_by_side.submit(written, tmp_path / "calm", "build.log", BENIGN)
        evil = side_by_side.submit(written, tmp_path / "evil", evil_name, HOSTILE)
        ours, found = kinds(calm.result()), evil.result()
    assert not kinds(list(pieces("\n".join(HOSTILE)))) <= ours, "the log itself would drive the terminal"
    assert kinds(found) <= ours
    assert not any(kind.startswith(("C 8", "C 9", "ESC P", "ESC X", "ESC ^", "ESC _")) for kind in ours)
    texts = "".join(each for each in found if isinstance(each, str))
    assert not UNSEEN.search(texts)
    assert "clipboard" in texts
    assert "moved" in texts
    clipboard = [copied(each) for each in found if isinstance(each, Piece) and each.kind == "OSC 52"]
    assert clipboard, "y copies by OSC 52"
    assert "evil" not in clipboard
    assert not any(re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", each) for each in clipboard), clipboard


def test_sequences_are_taken_apart() -> None:
    found = list(pieces("a\x1b[1;2Hb\x1b[?25lc\x1b]52;c;aGk=\x07\x1b7\x07\x1b]0;t\x1b\\z"))
    assert [each if isinstance(each, str) else each.kind for each in found if each] == [
        "a", "CSI H", "b", "CSI ?l", "c", "OSC 52", "ESC 7", "C 07", "OSC 0", "z",
    ]  # fmt: skip
    assert copied(next(each for each in found if isinstance(each, Piece) and each.kind == "OSC 52")) == "hi"
