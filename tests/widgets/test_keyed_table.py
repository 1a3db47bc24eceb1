import pytest
from rich.text import Text

from tests.widgets.stage import lines, of, showing, text
from widgets.keyed_table import Column, KeyedTable, Row

COLUMNS = (Column("name", "NAME", 10), Column("what", "WHAT", 8, flexible=True), Column("age", "AGE", 5, "right"))


def rows(*keys: str, what: str = "same") -> list[Row]:
    return [Row(key, (key, what, "1m")) for key in keys]


def many(count: int) -> list[Row]:
    return rows(*(f"k{n:04}" for n in range(count)))


async def test_rows_stand_under_their_header() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table, 40, 6) as (pilot, _):
        table.sync(rows("one", "two"))
        await pilot.pause()
        assert lines(pilot.app)[:3] == [
            "  NAME       WHAT                   AGE",
            "▌ one        same                    1m",
            "  two        same                    1m",
        ]


async def test_the_cursor_stays_on_its_key_when_rows_move() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table) as (pilot, told):
        table.sync(rows("a", "b", "c"))
        await pilot.press("j")
        assert table.cursor_key == "b"
        told.clear()
        table.sync(rows("c", "x", "a", "b"))
        await pilot.pause()
        assert table.cursor_key == "b"
        assert lines(pilot.app)[4].startswith("▌ b")
        assert of(told, KeyedTable.Highlighted) == []


async def test_a_removed_row_gives_its_cursor_to_the_one_in_its_place() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table) as (pilot, told):
        table.sync(rows("a", "b", "c"))
        await pilot.press("j")
        told.clear()
        table.sync(rows("a", "c"))
        await pilot.pause()
        assert table.cursor_key == "c"
        assert [m.key for m in of(told, KeyedTable.Highlighted)] == ["c"]


async def test_the_line_under_the_reader_stays_when_rows_come_above() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table, 60, 12) as (pilot, _):
        table.sync(many(200))
        table.move_to("k0100")
        await pilot.pause()
        before = lines(pilot.app).index(next(line for line in lines(pilot.app) if "k0100" in line))
        table.sync([*rows("new1", "new2"), *many(200)])
        await pilot.pause()
        assert "k0100" in lines(pilot.app)[before]


async def test_at_the_top_new_rows_are_seen_at_once() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table, 60, 12) as (pilot, _):
        table.sync(many(200))
        table.sync([*rows("new"), *many(200)])
        await pilot.pause()
        assert "new" in lines(pilot.app)[1]
        assert table.cursor_key == "k0000"


async def test_only_lines_that_changed_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table) as (pilot, _):
        table.sync(many(5_000))
        await pilot.pause()
        drawn: list[str] = []
        original = KeyedTable._draw_row

        def spy(self: KeyedTable, row: Row, number: int, width: int) -> object:
            drawn.append(row.key)
            return original(self, row, number, width)

        monkeypatch.setattr(KeyedTable, "_draw_row", spy)
        changed = many(5_000)
        changed[3] = Row("k0003", ("k0003", "other", "2m"))
        table.sync(changed)
        await pilot.pause()
        assert set(drawn) == {"k0003"}
        assert "other" in lines(pilot.app)[4]


async def test_keys_move_and_open() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table, 60, 12) as (pilot, told):
        table.sync(many(50))
        await pilot.press("down", "j", "k", "pagedown", "G")
        assert table.cursor_key == "k0049"
        await pilot.press("g", "enter")
        assert [m.key for m in of(told, KeyedTable.Opened)] == ["k0000"]
        assert all(m.control is table for m in of(told, KeyedTable.Highlighted))


async def test_a_click_selects_and_a_second_one_opens() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table, 60, 12) as (pilot, told):
        table.sync(rows("a", "b", "c"))
        await pilot.click(KeyedTable, offset=(5, 3))
        assert table.cursor_key == "c"
        await pilot.click(KeyedTable, offset=(5, 2), times=2)
        assert [m.key for m in of(told, KeyedTable.Opened)] == ["b"]
        await pilot.click(KeyedTable, offset=(14, 0))
        assert [m.column for m in of(told, KeyedTable.HeaderSelected)] == ["what"]


async def test_resizing_gives_the_flexible_column_the_rest() -> None:
    table = KeyedTable(COLUMNS)
    long = "a long description that needs room to be read"
    async with showing(table, 100, 6) as (pilot, _):
        table.sync([Row("a", ("a", long, "1m"))])
        await pilot.pause()
        assert long in text(pilot.app)
        await pilot.resize_terminal(40, 6)
        await pilot.pause()
        assert long not in text(pilot.app)
        assert "…" in lines(pilot.app)[1]
        assert lines(pilot.app)[1].endswith("1m")


async def test_markup_and_controls_in_cells_are_literal() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table, 120, 6) as (pilot, _):
        table.sync([Row("a", (Text("[/foo]"), "[@click=app.quit]x[/] \x1b]52;c;x\x07", "1m"))])
        await pilot.pause()
        assert "[/foo]" in text(pilot.app)
        assert "[@click=app.quit]x[/] ␛]52;c;x␇" in text(pilot.app)


async def test_two_rows_with_one_key_are_refused() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table):
        with pytest.raises(ValueError, match="same key"):
            table.sync(rows("a", "a"))


async def test_an_empty_table_takes_keys_without_harm() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table) as (pilot, told):
        await pilot.press("j", "G", "enter", "pagedown")
        assert table.cursor_key is None
        table.sync(rows("a"))
        table.sync([])
        await pilot.press("enter")
        assert of(told, KeyedTable.Opened) == []


async def test_a_theme_change_recolours_the_rows() -> None:
    table = KeyedTable(COLUMNS)
    async with showing(table) as (pilot, _):
        table.sync([Row("a", (Text("✗ failed", "$text-error"), "x", "1m"))])
        await pilot.pause()
        before = table.render_line(1)
        pilot.app.theme = "gruvbox"
        await pilot.pause()
        assert table.render_line(1).text == before.text
        assert list(table.render_line(1)) != list(before)
