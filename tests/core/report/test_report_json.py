from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from core.report.as_json import report_json
from core.report.assemble import assemble
from core.report.redact import redacted
from tests.core.report.night import incident

SCHEMA: dict[str, Any] = json.loads(Path(__file__).parents[3].joinpath("docs/report.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def test_the_schema_is_valid_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("accounts", [False, True])
def test_the_object_keeps_to_the_schema(fixed: bool, accounts: bool) -> None:
    told = report_json(redacted(assemble(incident(fixed=fixed)), accounts=accounts))
    VALIDATOR.validate(json.loads(json.dumps(told)))
    assert told["schema"] == 1
    assert told["failed_at"] == "2026-01-15T02:53:30.000Z"
    assert told["timeline"][0]["kind"] == "triggered"
    assert told["redacted"] is accounts
