from __future__ import annotations

import pytest

from tui.web.guard import Guard, is_loopback, new_token

TOKEN = "correct-horse-battery"


@pytest.mark.parametrize("bind", ["127.0.0.1", "localhost", "::1", "127.8.9.1"])
def test_loopback_needs_no_token(bind: str) -> None:
    assert is_loopback(bind)
    assert Guard.of(bind, "").admits("", "")


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.168.1.5", "shop.example"])  # noqa: S104
def test_any_other_address_needs_one(bind: str) -> None:
    with pytest.raises(ValueError, match="needs a token"):
        Guard.of(bind, "")
    assert not Guard.of(bind, TOKEN).admits("", "")


def test_a_short_token_is_refused_and_a_made_one_is_long() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Guard.of("127.0.0.1", "short")
    assert len(new_token()) >= 40
    assert new_token() != new_token()


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("LOCALHOST:9", True),
        ("[::1]:8000", True),
        ("evil.example:8000", False),
        ("127.0.0.1.evil.example", False),
        ("10.0.0.8:8000", False),
        ("", False),
        ("user@localhost", False),
        ("localhost/x", False),
        ("localhost:port", False),
    ],
)
def test_on_loopback_only_loopback_names_are_ours(host: str, allowed: bool) -> None:
    assert Guard.of("127.0.0.1", "").host_allowed(host) is allowed


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("10.0.0.8:8000", True),
        ("[fe80::1]", True),
        ("ops.example", True),
        ("OPS.example.:1", True),
        ("evil.example", False),
    ],
)
def test_elsewhere_bare_addresses_and_named_hosts_are_ours(host: str, allowed: bool) -> None:
    assert Guard.of("0.0.0.0", TOKEN, ["ops.example"]).host_allowed(host) is allowed  # noqa: S104


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("https://ops.example", "ops.example:443", True),
        ("http://ops.example", "ops.example", True),
        ("http://127.0.0.1:3000", "127.0.0.1:8000", False),
        ("http://localhost:8000", "127.0.0.1:8000", False),
        ("http://evil.example", "127.0.0.1:8000", False),
        ("null", "127.0.0.1:8000", False),
        ("file://", "127.0.0.1:8000", False),
        ("http://127.0.0.1:x", "127.0.0.1:8000", False),
        ("", "127.0.0.1:8000", False),
    ],
)
def test_an_origin_is_the_same_by_name_and_port(origin: str, host: str, same: bool) -> None:
    assert Guard.same_origin(origin, host) is same


def test_the_token_is_taken_as_a_bearer_and_the_session_as_a_cookie_and_nothing_else() -> None:
    guard = Guard.of("127.0.0.1", TOKEN)
    assert guard.admits(f"Bearer {TOKEN}", "")
    assert guard.admits("", guard.session)
    assert not guard.admits(f"Basic {TOKEN}", "")
    assert not guard.admits("", TOKEN)
    assert not guard.admits(f"Bearer {TOKEN}x", "")
    assert not guard.admits("Bearer ", "")
    assert not guard.admits("Bearer \udcff", "\udcff")
    assert not guard.knows_token("")
