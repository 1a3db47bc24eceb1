import pytest

from widgets.log_stamps import WIDTHS, Stamps, stamp

AT = 1_795_417_201_500


@pytest.mark.parametrize("stamps", list(Stamps))
@pytest.mark.parametrize("at_ms", [None, 0, AT, AT + 86_400_000 * 3])
@pytest.mark.parametrize("before_ms", [None, AT - 1, AT + 86_400_000 * 40])
def test_every_time_has_its_width(stamps: Stamps, at_ms: int | None, before_ms: int | None) -> None:
    assert len(stamp(stamps, at_ms, AT, before_ms)) == WIDTHS[stamps]


def test_times_in_every_form() -> None:
    assert stamp(Stamps.UTC, AT, None, None) == "07:00:01.500Z"
    assert stamp(Stamps.START, AT + 3_723_004, AT, None).strip() == "+1:02:03.004"
    assert stamp(Stamps.START, AT - 1, AT, None).strip() == "-00:00.001"
    assert stamp(Stamps.DELTA, AT, AT, AT - 1_250).strip() == "+1.250"
    assert stamp(Stamps.DELTA, AT, AT, None).strip() == "+0.000"


def test_all_forms_come_round() -> None:
    seen = [Stamps.NONE]
    while (following := seen[-1].following) not in seen:
        seen.append(following)
    assert seen == list(Stamps)
