"""Links of a log line: found, told in full, never what they pretend to be."""

from __future__ import annotations

import pytest

from core.log_links import Link, links_in


def same(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("line", "urls"),
    [
        ("see https://docs.example.com/a?b=c#d.", ["https://docs.example.com/a?b=c#d"]),
        ("(https://example.com/x_(y)), <http://e.example/>", ["https://example.com/x_(y)", "http://e.example/"]),
        (
            '"url":"https://example.com/1","next":"https://example.com/2"',
            ["https://example.com/1", "https://example.com/2"],
        ),
        ("https://example.com https://example.com", ["https://example.com"]),
        ("file:///etc/passwd javascript:alert(1) ftp://x.example https://", []),
    ],
)
def test_addresses_are_found_without_the_sentence_around_them(line: str, urls: list[str]) -> None:
    assert [link.url for link in links_in(line, same)] == urls


def test_what_a_terminal_would_hide_is_told() -> None:
    line = "open \x1b]8;;https://evil.example/x\x07https://good.example\x1b]8;;\x07 now"
    hidden, plain = links_in(line, same)
    assert hidden == Link("https://evil.example/x", "evil.example", "https://good.example")
    assert plain.url == "https://good.example"
    assert links_in("\x1b]8;;file:///etc/passwd\x07x\x1b]8;;\x07", same) == ()


def test_the_host_is_where_an_address_leads() -> None:
    assert links_in("https://aws.amazon.com@evil.example/", same)[0].host == "evil.example"
    assert links_in("https://еxample.com/", same)[0].host.startswith("xn--")


def test_addresses_hold_no_control_characters_and_no_secrets() -> None:
    links = links_in("https://exa\x1b[31mmple.com/?token=abc \x1b]8;;https://e.example/\u202ex\x07y\x1b]8;;\x07",
                     lambda text: text.replace("abc", "********"))  # fmt: skip
    assert [link.url for link in links] == ["https://e.example/⟨RLO⟩x", "https://example.com/?token=********"]
