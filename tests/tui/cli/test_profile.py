from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from tests.tui.cli.conftest import Run


def test_the_slow_pipeline_is_told_with_figures_and_advice(pipemedic: Run) -> None:
    done = pipemedic("profile", "storefront", COLUMNS="100")
    assert done.returncode == 1, done.stderr
    said = done.stdout
    assert "61 executions" in said
    assert "Where the time goes" in said
    assert "Critical path" in said
    assert "1. Run Unit, Contract, Lint and 1 more side by side" in said
    assert "Make BuildArtifact smaller (53 MB)" in said
    assert "node_modules: 44 MB" in said
    assert "Cache what storefront fetches in every build" in said
    assert "buildspec.yml in the source: /root/.npm/**/*" in " ".join(said.split())
    assert "buildspec.yml in the source, line 4, stores everything." in said
    assert "Check / Browser failed and then passed on the same revision 4 times" in said
    assert "Test that failed then: cart.spec.js shows the total after a voucher" in said
    long = [line for line in said.splitlines() if len(line) > 100 and "https://" not in line]
    assert not long


def test_json_has_savings_with_a_range_and_the_edit(pipemedic: Run) -> None:
    done = pipemedic("profile", "storefront", "--last", "20", "--format", "json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    schema = json.loads(Path(__file__).parents[3].joinpath("docs/profile.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(told)
    assert (told["schema"], told["pipeline"], told["executions"], told["truncated"]) == (1, "storefront", 20, True)
    first = told["advice"][0]
    assert first["cause"] == "perf.sequential-actions"
    assert 300 < first["saved_low_s"] <= first["saved_s"] <= first["saved_high_s"] < 500
    assert first["fixes"][0]["kind"] == "automatic"
    assert first["fixes"][0]["commands"][0].startswith("aws codepipeline update-pipeline")
    assert told["prices"]["as_of"]
    assert told["cost_usd"] > 0
    assert sum(told["time_s"].values()) > 600


def test_a_pipeline_that_never_went_all_the_way_is_no_fault(pipemedic: Run) -> None:
    done = pipemedic("profile", "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert pipemedic("profile", "storefront", "--last", "0").returncode == 2
