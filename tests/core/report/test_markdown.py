"""Read with a CommonMark parser (and GitHub's additions): what others wrote may not become markup."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.report.assemble import assemble
from core.report.escape import code_block, code_span, prose
from core.report.markdown import markdown
from core.report.model import Excerpt, Look, Report
from core.report.redact import redacted
from tests.core.report.night import incident

PARSER = MarkdownIt("gfm-like")
HOSTILE = (
    "</code><script>alert(1)</script> [x](javascript:alert(1)) ![i](http://evil.example/p.png) @ops-team #12 GH-1 "
    "```\n# owned\n```` ~~~ **b** _u_ | a | b | &lt; https://evil.example www.evil.example `tick` $x$ \\"
)


def tokens(text: str) -> list[Token]:
    return [each for block in PARSER.parse(text) for each in (block, *(block.children or []))]


def hostile_report() -> Report:
    report = assemble(incident(fixed=True))
    cause = replace(report.causes[0], title=HOSTILE, summary=HOSTILE, disproved_by=HOSTILE)
    moments = tuple(replace(each, title=HOSTILE, detail=HOSTILE) for each in report.timeline)
    changes = tuple(replace(each, title=HOSTILE, who=HOSTILE, diff=(f"+{HOSTILE}",)) for each in report.changes)
    delivered = tuple(replace(each, summary=HOSTILE, author=HOSTILE) for each in report.delivered)
    excerpt = Excerpt(HOSTILE, 1, (HOSTILE,), (1,), 1)
    return redacted(
        replace(
            report, headline=HOSTILE, summary=HOSTILE, message=HOSTILE, trigger=HOSTILE, causes=(cause,),
            timeline=moments, changes=changes, delivered=delivered, excerpts=(excerpt,),
            ruled_out=(Look("a.b", HOSTILE, HOSTILE),),
        )
    )  # fmt: skip


def test_hostile_text_makes_no_html_no_link_no_picture_and_no_heading() -> None:
    text = markdown(hostile_report())
    found = tokens(text)
    assert not [each for each in found if each.type in {"html_block", "html_inline", "image"}]
    links = [each.attrGet("href") for each in found if each.type == "link_open"]
    assert [each for each in links if "console.aws.amazon.com" not in str(each)] == []
    headings = [found[at + 1].content for at, each in enumerate(found) if each.type == "heading_open"]
    assert len(headings) == 8
    assert not [each for each in headings if each == "owned"]


def test_hostile_text_mentions_nobody() -> None:
    shown = [each.content for each in tokens(markdown(hostile_report())) if each.type == "text"]
    assert not [each for each in shown if "@ops-team" in each or "#12" in each]


def test_a_plain_report_reads_plainly() -> None:
    text = markdown(redacted(assemble(incident(fixed=True))))
    assert text.startswith("# billing: Build / Build: Role cannot reach the artifact bucket\n")
    for part in ("## Timeline (UTC)", "## Cause", "## Log", "## What was changed", "## Follow-ups", "## Ruled out"):
        assert part in text
    assert "✗ **Build / Build failed**" in text
    assert "▶ 5  AccessDenied: no" in text
    assert "```diff" in text
    assert "✓ Source → ✓ Build" in text
    assert text.endswith("Secrets are masked.\n")


def test_checks_made_after_the_recovery_are_not_called_ruled_out() -> None:
    text = markdown(assemble(incident(fixed=True, after=True)))
    assert "## Checked after the recovery, and fine" in text
    assert "## Ruled out" not in text


def test_it_stays_below_what_an_issue_takes() -> None:
    lines = tuple("x" * 300 for _ in range(100))
    report = replace(assemble(incident()), excerpts=tuple(Excerpt(str(n), 1, lines) for n in range(9)))
    text = markdown(report)
    assert len(text) < 65_536
    assert "Left out" in text


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("`~@#<>[]()!*_|\\&; \nab1.-+=$:/")), max_size=60))
def test_prose_shows_as_it_was_written(text: str) -> None:
    found = tokens(f"- {prose(text)}")
    assert not [
        each for each in found if each.type in {"html_inline", "html_block", "link_open", "image", "code_inline"}
    ]
    shown = "".join(each.content for each in found if each.type in {"text", "text_special"}).replace("\u2060", "")
    assert shown == " ".join(text.split())


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("`<a@ ")), min_size=1, max_size=30))
def test_a_code_span_holds_its_text_and_no_more(text: str) -> None:
    line = " ".join(text.split())
    found = [each for each in tokens(f"x {code_span(text)} y") if each.type == "code_inline"]
    assert [each.content for each in found] == ([line] if line else [])


@pytest.mark.parametrize("inside", ["```", "````\n# x", "~~~", "plain"])
def test_a_fence_is_longer_than_any_within(inside: str) -> None:
    (block,) = [each for each in tokens("\n".join(code_block([inside, "end"]))) if each.type == "fence"]
    assert block.content == f"{inside}\nend\n"


def test_parts_stand_one_empty_line_apart() -> None:
    text = markdown(redacted(assemble(incident(fixed=True))))
    outside = "code".join(text.split("```")[::2])
    assert "\n\n\n" not in outside
