from __future__ import annotations

from core.attention import Condition
from core.errors import Unreachable
from tests.builders import HERE, NOW, THERE, action, execution, ref, snapshot, stage
from tui.fleet_book import Entry, FleetBook

RED, GREEN = stage("Build", "Failed"), stage("Build", "Succeeded")


def book_of(*names: str) -> FleetBook:
    book = FleetBook()
    book.list(HERE, [ref(name) for name in names])
    return book


def order(book: FleetBook, *, resort: bool = True) -> list[str]:
    return [entry.ref.name for entry in book.entries(NOW, resort=resort)]


def entry_of(book: FleetBook, name: str) -> Entry:
    found = book.entry(ref(name).key, NOW)
    assert found is not None
    return found


def test_the_worst_come_first_and_the_latest_trouble_before_the_older() -> None:
    book = book_of("ok", "old", "new", "unread")
    book.read(snapshot(GREEN, of=ref("ok"), latest=execution()))
    book.read(snapshot(stage("Build", "Failed", action("Build", "Failed", ago_s=9000)), of=ref("old")))
    book.read(snapshot(RED, of=ref("new")))
    assert order(book) == ["new", "old", "unread", "ok"]


def test_the_order_stands_still_while_the_user_moves() -> None:
    book = book_of("a", "b")
    book.read(snapshot(GREEN, of=ref("a")))
    book.read(snapshot(GREEN, of=ref("b")))
    assert order(book) == ["a", "b"]
    book.read(snapshot(RED, of=ref("b")))
    assert order(book, resort=False) == ["a", "b"]
    assert order(book) == ["b", "a"]


def test_a_new_pipeline_comes_last_while_the_user_moves_and_a_deleted_one_goes() -> None:
    book = book_of("a", "b")
    book.read(snapshot(GREEN, of=ref("b")))
    order(book)
    book.list(HERE, [ref("b"), ref("c")])
    book.read(snapshot(RED, of=ref("c")))
    assert order(book, resort=False) == ["b", "c"]
    assert book.entry(ref("a").key, NOW) is None


def test_one_places_list_leaves_the_others_alone() -> None:
    book = book_of("a")
    book.list(THERE, [ref("a", THERE)])
    assert len(book) == 2
    book.list(THERE, [])
    assert order(book) == ["a"]
    assert book.listed == {HERE, THERE}


def test_old_data_stays_when_a_read_fails() -> None:
    book = book_of("a")
    book.read(snapshot(RED, of=ref("a")))
    book.read(snapshot(of=ref("a"), error="throttled", read_at=NOW + 9))
    assert entry_of(book, "a").assessment.condition is Condition.FAILED
    assert book.newest == NOW


def test_what_was_never_read_shows_why() -> None:
    book = book_of("a")
    assert entry_of(book, "a").assessment.word == "reading"
    book.read(snapshot(of=ref("a"), error="denied"))
    assert entry_of(book, "a").assessment.why == "denied"


def test_a_snapshot_of_a_deleted_pipeline_is_not_taken() -> None:
    book = book_of("a")
    book.read(snapshot(RED, of=ref("gone")))
    assert order(book) == ["a"]


def test_trouble_keeps_the_time_it_began_and_ends_with_the_first_answer() -> None:
    book = book_of("a")
    book.fail(HERE, Unreachable("no route"), NOW, NOW + 3)
    book.fail(HERE, Unreachable("no route"), NOW + 3, NOW + 9)
    assert (book.troubles[HERE].since, book.troubles[HERE].retry_at) == (NOW, NOW + 9)
    book.read(snapshot(of=ref("a"), error="still not"))
    assert HERE in book.troubles
    book.read(snapshot(GREEN, of=ref("a")))
    assert not book.troubles


def test_counts_are_by_condition() -> None:
    book = book_of("a", "b", "c")
    book.read(snapshot(RED, of=ref("a")))
    book.read(snapshot(RED, of=ref("b")))
    assert book.counts(NOW) == {Condition.FAILED: 2, Condition.UNKNOWN: 1}
