"""A report as text in one of its forms, and into a file that is never overwritten unasked."""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from pathlib import Path

from core.report.as_json import report_json
from core.report.markdown import markdown
from core.report.model import Report

__all__ = ["FORMS", "default_name", "rendered", "write_report"]

#: Forms of a report, with the ending of their files.
FORMS = {"markdown": ".md", "html": ".html", "json": ".json"}
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def rendered(report: Report, form: str) -> str:
    """Return the report in a form of `FORMS`, ending in a newline. The report is masked already."""
    if form == "html":
        from tui.report_html import html_page  # noqa: PLC0415 (Jinja2 is imported only for the page)

        return html_page(report)
    if form == "json":
        return json.dumps(report_json(report), indent=2, ensure_ascii=True) + "\n"
    return markdown(report)


def default_name(pipeline: str, form: str, now: float) -> str:
    """Return a file's name for a report: ``billing-20261123-071432.md``, in local time as files are."""
    stem = _UNFIT.sub("-", pipeline).strip("-.")[:80] or "pipeline"
    return f"{stem}-{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}{FORMS[form]}"


def write_report(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a report into a file that only its owner may read.

    Raises:
        FileExistsError: the file is there, and `replace` is false.
        OSError: it cannot be written.
    """
    if not replace:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
        return
    # The old file stands until the new one is whole.
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
