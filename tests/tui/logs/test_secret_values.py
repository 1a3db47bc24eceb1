from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from aws.mapping.codebuild import build
from core.log_mask import LogMask, mask_line
from core.secret_values import NO_VALUES, SecretValues, secret_values
from tui.logs.take import write_lines


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("DB_PASSWORD", "correct horse", True),
        ("NPM_TOKEN", "a.b*c+d", True),
        ("SERVICE_AUTH", "Zm9vYmFy", True),
        ("AUTHOR", "someone-known", False),
        ("STAGE", "production", False),
        ("USE_TOKEN", "true", False),
        ("TOKEN_TTL", "3600", False),
        ("API_KEY", "abc", False),
    ],
)
def test_a_plain_value_under_a_telling_name_is_hidden(name: str, value: str, hidden: bool) -> None:
    values = secret_values([{"name": name, "value": value, "type": "PLAINTEXT"}])
    assert values.hide(f"curl -H {value} done") == f"curl -H {'********' if hidden else value} done"


def test_names_of_parameters_and_secrets_are_no_values() -> None:
    held = [{"name": "DB_PASSWORD", "value": "/shop/db", "type": "PARAMETER_STORE"}]
    assert not secret_values([*held, {"name": "TOKEN", "value": "shop/token", "type": "SECRETS_MANAGER"}])


def test_the_longest_value_goes_first_and_each_line_of_one_is_hidden() -> None:
    values = SecretValues(["hunter2", "hunter2-and-more", "first line\nsecond line"])
    assert values.hide("hunter2-and-more hunter2 second line") == "******** ******** ********"


def test_values_are_shown_by_nothing_and_leave_no_copy() -> None:
    answer = {"environment": {"environmentVariables": [{"name": "TOKEN", "value": "s3cr3t-value"}]}}
    made = build(answer)
    assert made.hidden.hide("s3cr3t-value") == "********"
    assert "s3cr3t" not in repr(made) + repr(made.hidden)
    assert b"s3cr3t" not in pickle.dumps(made.hidden)
    assert not copy.deepcopy(made.hidden)
    assert not NO_VALUES


def test_masks_and_files_hide_them(tmp_path: Path) -> None:
    values = SecretValues(["s3cr3t-value"])
    assert mask_line("is s3cr3t-value", values) == "is ********"
    assert LogMask(values).lines("one\ns3cr3t-value\nthree") == "one\n********\nthree"
    write_lines(tmp_path / "a", ["s3cr3t-value"], hidden=values)
    assert (tmp_path / "a").read_text() == "********\n"
    write_lines(tmp_path / "b", ["s3cr3t-value"], hidden=values, secrets=True)
    assert (tmp_path / "b").read_text() == "s3cr3t-value\n"
