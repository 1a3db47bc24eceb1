from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.log_mask import LogMask, mask_line
from core.redact import MASK, mask_secrets

PIECES = st.sampled_from(
    [
        "DB_PASSWORD=hunter2",
        "İ token: abc",
        "plain",
        "",
        "AKIAIOSFODNN7EXAMPLE",
        "https://a:b@c.example",
        "ok / 3",
        "Basic",
    ]
)


@given(st.lists(st.lists(PIECES, min_size=1, max_size=5), min_size=1, max_size=5))
def test_pages_are_masked_as_their_lines_are(pages: list[list[str]]) -> None:
    mask = LogMask()
    for page in pages:
        assert mask.lines("\n".join(page)).split("\n") == [mask_secrets(line) for line in page]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_private_key_over_many_lines_and_pages_is_masked(size: int) -> None:
    lines = ["a", "x -----BEGIN RSA PRIVATE KEY-----", "MIIE", "AAAA", "-----END RSA PRIVATE KEY-----", "b"]
    mask = LogMask()
    shown = "\n".join(mask.lines("\n".join(lines[at : at + size])) for at in range(0, len(lines), size)).split("\n")
    assert shown == ["a", f"x -----BEGIN RSA PRIVATE KEY----- {MASK}", MASK, MASK, "-----END RSA PRIVATE KEY-----", "b"]


def test_a_key_without_an_end_does_not_hide_the_rest_of_the_log() -> None:
    mask = LogMask()
    mask.lines("-----BEGIN PRIVATE KEY-----\n" + "\n".join("A" * 64 for _ in range(200)))
    assert mask.lines("and then") == "and then"


def test_one_line_is_masked() -> None:
    assert mask_line("token=abc") == f"token={MASK}"
    assert mask_line("nothing here") == "nothing here"
