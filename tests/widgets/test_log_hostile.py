"""A hostile log through every feature of its pane: nothing raises, nothing but text is drawn or copied."""

import json

from core.log_mask import mask_line
from core.text import sanitize_ansi
from tests.widgets.stage import showing, until
from tests.widgets.test_hostile import CONTROL, harmless
from widgets.gallery_data import HOSTILE
from widgets.log_pane import LogPane

EVIL = [
    HOSTILE,
    "\x1b]52;c;ZXZpbA==\x07copied",
    "\x1b]0;title\x1b\\titled",
    "\x1b]8;;https://evil.example/\x07words\x1b]8;;\x07",
    "\x1b[2J\x1b[1;1Hmoved \x1b[6n\x1b[?1049h",
    "\x1bP+q544e\x1b\\ \x1b_apc\x1b\\ \x9b31mred \x9d0;t\x9c",
    "\u202etxt.exe\u2066 \u200f \u061c",
    "a\x00b\x07c\x08d\x0be\x0cf\x7fg\x85h\u2028i",
    "1%\r\x1b]52;c;eA==\x072%\r\x1b[2K3%\r",
    "[/foo] [@click=app.quit]x[/] [red",
    '  File "\x1b]52;c;eA==\x07x", line 1, in \x1b[2J',
    "#7 [stage 1/2] RUN \x1b]0;t\x07echo",
    "SELECT '\x1b[2J' FROM \x9b31m",
    '{"a\x1b]52;c;eA==\x07": "\x9b2J", "b": "\u202ex", "n": [1, "\x07"]}',
    json.dumps({"esc": "\x1b]52;c;eA==\x07 \x9b2J \u202e", "[/foo]": "[@click=app.quit]"}),
    '{"raw": "\x1b[31mred\x1b[0m \u2066"}',
    "x" * 9_000 + "\x1b]52;c;eA==\x07",
    "\ud800 lone",
    "",
]
KEYS = ("w", "t", "t", "E", "F", "e", "H", "number_sign", "F", "w", "s", "s", "s", "V", "e", "escape")


async def test_nothing_but_text_is_drawn_whatever_key_is_pressed() -> None:
    pane = LogPane(HOSTILE, cleaner=sanitize_ansi, mask=mask_line)
    lines = [each for line in EVIL for each in (line, line, line, "between " + line[:20])]
    async with showing(pane, 60, 40) as (pilot, _):
        pane.focus()
        pane.append(lines, list(range(1_795_417_200_000, 1_795_417_200_000 + len(lines))))
        await until(lambda: pane.view._known == len(lines) and pane.look_done)
        harmless(pilot.app)
        for key in ("g", *KEYS, "G", *KEYS):
            await pilot.press(key)
            await until(lambda: pane.filter_done)
            await pilot.pause()
            harmless(pilot.app)
        for line in range(0, len(lines), 4):
            pane.open_at(line)
            await pilot.press("e")
            harmless(pilot.app)
            for text in (pane.view.all_of(line), pane.view.plain(line), *pane.view.whole(line)[0].split("\n")):
                assert not CONTROL.search(text.replace("\t", "")), repr(text)
