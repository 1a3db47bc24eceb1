"""A report as one self-contained page: no script, no request to anywhere, everything escaped by the template."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

import jinja2

from core.age import duration
from core.report.markdown import MARKS, STAGE_MARKS
from core.report.model import Excerpt, Report
from core.report.moments import clock, day, stamp

__all__ = ["html_page"]


def html_page(report: Report) -> str:
    """Return the page as text. Whatever the report holds is shown, never obeyed."""
    return _environment().get_template("page.html").render(report=report)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tui", "report_page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clock": clock,
        "day": day,
        "stamp": stamp,
        "duration": duration,
        "iso": _iso,
        "link": _link,
        "rows": _rows,
        "diff_kind": _diff_kind,
    }
    environment.globals |= {"marks": MARKS, "stage_marks": STAGE_MARKS}
    return environment


def _iso(seconds: float | None) -> str:
    """The machine-readable form of a `time` element."""
    return stamp(seconds).replace(" UTC", "Z").replace(" ", "T")


def _link(address: str) -> str:
    """Return an address that may be followed; empty for any that is not plain https."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme == "https" and parts.hostname else ""


def _rows(excerpt: Excerpt) -> list[tuple[int, str, str]]:
    """Number, text and role (``cause``, ``marked`` or nothing) of each line."""
    return [
        (number, line, "cause" if number == excerpt.cause else "marked" if number in excerpt.marked else "")
        for number, line in enumerate(excerpt.lines, excerpt.first)
    ]


def _diff_kind(line: str) -> str:
    return {"+": "added", "-": "removed", "@": "place"}.get(line[:1], "same")
