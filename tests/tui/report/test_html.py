from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

from core.report.assemble import assemble
from core.report.redact import redacted
from tests.core.report.night import incident
from tests.core.report.test_markdown import HOSTILE, hostile_report
from tui.report_html import html_page

VOID = {"meta", "link", "br"}


class Reader(HTMLParser):
    """Collects tags, attributes and text, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_one_file_that_asks_for_nothing() -> None:
    page = html_page(redacted(assemble(incident(fixed=True))))
    read = Reader(page)
    assert read.open == []
    assert not {"script", "img", "iframe", "object", "form"} & set(read.tags)
    sources = [value for name, value in read.attributes if name in {"src", "srcset", "action", "data"}]
    assert sources == []
    assert [name for name, _ in read.attributes if name.startswith("on")] == []
    assert "@import" not in page
    assert not re.findall(r"url\(", page)
    assert "default-src 'none'" in page


def test_headings_go_down_step_by_step() -> None:
    levels = [
        int(tag[1]) for tag in Reader(html_page(assemble(incident(fixed=True)))).tags if re.fullmatch("h[1-6]", tag)
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    plain = Reader(html_page(redacted(assemble(incident(fixed=True)))))
    read = Reader(html_page(hostile_report()))
    assert set(read.tags) == set(plain.tags)
    assert "<script>alert(1)</script>" in read.text
    assert "</script>" not in html_page(hostile_report())


def test_an_address_that_is_not_https_is_no_link() -> None:
    report = assemble(incident())
    bad = replace(report, delivered=tuple(replace(each, url=f"javascript:{HOSTILE}") for each in report.delivered))
    links = [value for name, value in Reader(html_page(bad)).attributes if name == "href"]
    assert [each for each in links if each and "javascript" in each] == []
    good = [value for name, value in Reader(html_page(report)).attributes if name == "href"]
    assert "https://git.example/c/e74" in good


def test_citations_lead_to_their_evidence() -> None:
    read = Reader(html_page(assemble(incident())))
    ids = {value for name, value in read.attributes if name == "id"}
    cited = {str(value)[1:] for name, value in read.attributes if name == "href" and str(value).startswith("#")}
    assert cited
    assert cited <= ids
