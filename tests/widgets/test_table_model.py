from hypothesis import given
from hypothesis import strategies as st

from widgets.table_model import GAP, Column, lay_out

COLUMNS = (
    Column("a", "A", 10),
    Column("b", "B", 8, drop=2),
    Column("c", "C", 16, flexible=True),
    Column("d", "D", 5, drop=1),
)


def test_the_flexible_column_takes_the_rest() -> None:
    slots = lay_out(COLUMNS, 100)
    assert [slot.width for slot in slots] == [10, 8, 100 - 10 - 8 - 5 - 3 * GAP, 5]


def test_columns_leave_in_the_order_of_their_drop() -> None:
    assert [s.index for s in lay_out(COLUMNS, 42)] == [0, 1, 2, 3]
    assert [s.index for s in lay_out(COLUMNS, 41)] == [0, 2, 3]
    assert [s.index for s in lay_out(COLUMNS, 30)] == [0, 2]


@given(st.integers(1, 200))
def test_columns_never_overlap_nor_leave_the_width(width: int) -> None:
    end = 0
    for slot in lay_out(COLUMNS, width):
        assert slot.x >= end
        assert slot.width > 0
        end = slot.x + slot.width
    assert end <= width
