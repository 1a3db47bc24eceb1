"""The table of actions and fixes asks for something of each row."""

from __future__ import annotations

import pytest

from aws.changes import ALLOWED
from core.plans.s3 import enable_versioning
from tests.aws.changes import table
from tests.aws.changing import where


def test_a_row_is_lacking_until_a_plan_of_its_kind_was_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "PROVEN", [])
    everything = table.lacking()
    assert set(table.TABLE) <= set(everything)
    assert len(everything) >= len(table.TABLE) + sum(map(len, ALLOWED.values())) - 1
    monkeypatch.setattr(table, "PROVEN", [enable_versioning(where("web"), bucket="b")])
    assert set(everything) - set(table.lacking()) == {"bucket versioning", "s3:PutBucketVersioning"}
