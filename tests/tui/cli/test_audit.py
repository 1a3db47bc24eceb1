"""`pipemedic audit` on the demo account over HTTP: forms, exit codes, suppressions, trend."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from demo.process import DemoAccount
from tests.tui.cli.conftest import Run
from tests.tui.cli.junit_essence import complaints
from tests.tui.cli.sarif_essence import SARIF
from tui.exit_codes import ExitCode

US = ("--region", "us-east-1")
EVERYWHERE = ("--region", "eu-west-1", *US)
DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def clean_account(demo_account: DemoAccount) -> Iterator[DemoAccount]:
    """The shared account; faults laid over it are taken off."""
    yield demo_account
    demo_account.clear_faults()


@pytest.fixture
def entry(tmp_path: Path) -> Callable[[str], Path]:
    """Write a file of suppressions."""

    def write(text: str) -> Path:
        path = tmp_path / "accepted.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def whole(run: Run, *words: str) -> dict[str, Any]:
    done = run("audit", "--format", "json", *words)
    assert done.returncode in {ExitCode.FINE, ExitCode.FINDING}, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_the_whole_fleet_is_audited_and_those_in_order_are_clean(pipemedic: Run) -> None:
    found = whole(pipemedic, *EVERYWHERE)
    Draft202012Validator(json.loads((DOCS / "audit.schema.json").read_text())).validate(found)
    scores = {each["name"]: each["score"] for each in found["pipelines"]}
    assert len(scores) >= 23
    assert scores["mailer"] == scores["docs-site"] == scores["edge-config"] == 100
    assert max(scores[name] for name in ("data-platform", "reporting", "inventory", "checkout-api")) < 90
    rules = {(each["rule"], ref["name"]) for each in found["findings"] for ref in each["pipelines"]}
    assert {
        ("secret-variable", "reporting"),
        ("secret-buildspec", "reporting"),  # the file lies in the source
        ("notification", "web"),
        ("image-outdated", "search-prod"),
        ("privileged", "search-prod"),
        ("gate", "inventory"),
        ("rollback-codedeploy", "inventory"),
        ("rollback-ecs", "checkout-api"),
        ("role-pass-any", "data-platform"),
        ("role-wildcard-actions", "data-platform"),
    } <= rules
    assert found["blind"] == []
    assert "not-a-real-one" not in json.dumps(found)
    assert {fix["kind"] for each in found["findings"] for fix in each["fixes"]} == {"automatic", "manual"}


def test_every_role_bucket_and_project_is_read_once(pipemedic: Run, clean_account: DemoAccount) -> None:
    before = clean_account.calls()
    found = whole(pipemedic, *EVERYWHERE)
    after = clean_account.calls()
    made = {
        name.partition(":")[2]: count - before["by_operation"].get(name, 0)
        for name, count in after["by_operation"].items()
        if count != before["by_operation"].get(name, 0)
    }
    assert made["GetBucketAcl"] == 2  # one artifact bucket a region
    assert made["BatchGetProjects"] == 2
    assert made["ListRules"] == 2
    assert made["GetPipeline"] == len(found["pipelines"])
    assert after["mutating"] == before["mutating"]
    assert sum(made.values()) <= found["api_calls"]


def test_without_the_right_to_list_roles_they_are_read_one_by_one_and_the_findings_are_the_same(
    pipemedic: Run, clean_account: DemoAccount
) -> None:
    listed = whole(pipemedic, *EVERYWHERE)
    refused = "GetAccountAuthorizationDetails"
    clean_account.add_fault(service="iam", operation=refused, code="AccessDenied", message="no", status=403)
    single = whole(pipemedic, *EVERYWHERE)
    assert {each["id"] for each in single["findings"]} == {each["id"] for each in listed["findings"]}
    assert single["blind"] == []
    assert single["api_calls"] > 2 * listed["api_calls"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("mailer", "--region", "eu-west-1"), ExitCode.FINE),
        (("inventory", *US), ExitCode.FINDING),
        (("inventory", *US, "--fail-on", "high"), ExitCode.FINE),
        (("docs-site", *US, "--fail-on", "info"), ExitCode.FINE),
        (("no-such-pipeline", *US), ExitCode.USAGE),
        (("inventory", *US, "--fail-on", "awful"), ExitCode.USAGE),
        (("inventory", *US, "--suppressions", "/no/such/file.toml"), ExitCode.USAGE),
    ],
)
def test_the_exit_code_says_how_it_ended(pipemedic: Run, words: tuple[str, ...], code: ExitCode) -> None:
    assert pipemedic("audit", *words).returncode == code


def test_without_aws_it_ends_with_three(bare: Run) -> None:
    done = bare("audit", *US)
    assert done.returncode == ExitCode.AWS
    assert "credentials" in done.stderr


def test_a_name_alike_is_suggested(pipemedic: Run) -> None:
    assert "Did you mean inventory?" in pipemedic("audit", "inventori", *US).stderr


def test_a_pipeline_may_be_named_by_its_arn(pipemedic: Run) -> None:
    arn = "arn:aws:codepipeline:us-east-1:111122223333:inventory"
    assert [each["name"] for each in whole(pipemedic, arn, *EVERYWHERE)["pipelines"]] == ["inventory"]


def test_what_may_not_be_looked_at_is_said_and_is_neither_found_nor_well(
    pipemedic: Run, clean_account: DemoAccount
) -> None:
    clean_account.add_fault(service="iam", operation="GetRolePolicy", code="AccessDenied", message="no", status=403)
    done = pipemedic("audit", "data-platform", "--region", "eu-west-1", "--format", "json")
    found = json.loads(done.stdout)
    assert {each["action"] for each in found["blind"]} == {"iam:GetRolePolicy"}
    assert "role-pass-any" in found["blind"][0]["rules"]
    assert not [each for each in found["findings"] if each["rule"].startswith("role-")]
    assert "Not allowed to look: add iam:GetRolePolicy" in done.stderr
    told = pipemedic("audit", "data-platform", "--region", "eu-west-1")
    assert "Add iam:GetRolePolicy to your own policy." in " ".join(told.stdout.split())


def test_sarif_is_what_consumers_expect(pipemedic: Run, entry: Callable[[str], Path]) -> None:
    path = entry('[[suppress]]\nrule = "gate"\nreason = "one team"\nuntil = 2099-01-01\n')
    done = pipemedic("audit", "inventory", *US, "--format", "sarif", "--suppressions", str(path))
    sarif = json.loads(done.stdout)
    Draft202012Validator(SARIF).validate(sarif)
    (run,) = sarif["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == (
            "aws/111122223333/us-east-1/codepipeline/inventory"
        )
    accepted = [each for each in run["results"] if each.get("suppressions")]
    assert [each["ruleId"] for each in accepted] == ["gate"]
    assert accepted[0]["suppressions"][0]["justification"] == "one team (until 2099-01-01)"


def test_junit_has_a_suite_a_pipeline_and_fails_from_the_severity_on(
    pipemedic: Run, tmp_path: Path, clean_account: DemoAccount
) -> None:
    clean_account.add_fault(service="s3", operation="GetBucketAcl", code="AccessDenied", message="no", status=403)
    target = tmp_path / "audit.xml"
    done = pipemedic("audit", *US, "--format", "junit", "-o", str(target))
    assert done.returncode == ExitCode.FINDING
    assert done.stdout == ""
    assert complaints(target.read_text(encoding="utf-8")) == []
    root = ET.fromstring(target.read_text(encoding="utf-8"))  # noqa: S314 (our own)
    suites = {suite.get("name"): suite for suite in root}
    assert {"docs-site", "inventory"} <= set(suites)
    assert suites["docs-site"].get("failures") == "0"
    failures = [case for case in suites["inventory"] if case.find("failure") is not None]
    assert len(failures) == int(suites["inventory"].get("failures", "0")) == 2
    assert {case.get("name", "").partition(":")[0] for case in failures} == {"gate", "rollback-codedeploy"}
    assert any(case.find("system-out") is not None for case in suites["inventory"])  # the low ones
    skipped = [case for case in suites["docs-site"] if case.find("skipped") is not None]
    assert [case.get("name", "").partition(":")[0] for case in skipped] == ["store-public"]
    assert int(root.get("failures", "0")) == sum(int(suite.get("failures", "0")) for suite in root)


def test_suppressions_are_heeded_and_told_when_over_or_unused(pipemedic: Run, entry: Callable[[str], Path]) -> None:
    lines = (
        '[[suppress]]\ncause = "audit.no-*"\nreason = "known"\nuntil = 2099-01-01\n'
        '[[suppress]]\nrule = "gate"\nreason = "was known"\nuntil = 2020-01-01\n'
        '[[suppress]]\nresource = "arn:aws:s3:::nowhere"\nreason = "gone"\nuntil = 2099-01-01\n'
    )
    done = pipemedic("audit", *US, "--suppressions", str(entry(lines)))
    assert done.returncode == ExitCode.FINE
    assert "A suppression has expired: line 5: rule gate" in done.stderr
    assert "A suppression fits nothing any more: line 9: resource arn:aws:s3:::nowhere" in done.stderr
    assert "(until 2099-01-01: known)" in " ".join(done.stdout.split())


def test_a_mistake_in_the_suppressions_ends_with_two_and_its_line(pipemedic: Run, entry: Callable[[str], Path]) -> None:
    path = entry('[[suppress]]\nrule = "gate"\nuntil = 2099-01-01\n')
    done = pipemedic("audit", *US, "--suppressions", str(path))
    assert done.returncode == ExitCode.USAGE
    assert f"{path}:line 1: reason is missing" in done.stderr


def test_scores_are_kept_for_the_users_eyes_and_the_next_day_shows_the_trend(
    pipemedic: Run, home: dict[str, str]
) -> None:
    first = whole(pipemedic, "inventory", *US)["pipelines"][0]
    assert first["previous"] is None
    (kept,) = Path(home["HOME"]).rglob("audit.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    (key, rows), *_ = json.loads(kept.read_text()).items()
    assert key == "111122223333|us-east-1|inventory"
    assert [row[1] for row in rows] == [first["score"]]
    kept.write_text(json.dumps({key: [["2026-01-02", 70]]}))
    again = pipemedic("audit", "inventory", *US)
    assert f"{first['score'] - 70:+d} since 2026-01-02" in again.stdout
    assert whole(pipemedic, "inventory", *US)["pipelines"][0]["previous"] == {"date": "2026-01-02", "score": 70}


def test_a_broken_history_is_no_trouble(pipemedic: Run, home: dict[str, str]) -> None:
    whole(pipemedic, "inventory", *US)
    (kept,) = Path(home["HOME"]).rglob("audit.json")
    for text in ("{", "[]", '{"x": 3, "y": [[1]], "z": [["2026-01-01", "no"]]}'):
        kept.write_text(text)
        assert whole(pipemedic, "inventory", *US)["pipelines"][0]["previous"] is None


def test_last_accessed_information_is_refused_in_read_only_mode(pipemedic: Run) -> None:
    done = pipemedic("audit", "mailer", "--region", "eu-west-1", "--last-accessed", "--read-only")
    assert done.returncode == ExitCode.USAGE
    assert "read-only mode refuses that" in done.stderr


def test_where_no_definition_may_be_read_it_ends_with_three(pipemedic: Run, clean_account: DemoAccount) -> None:
    clean_account.add_fault(operation="GetPipeline", code="AccessDeniedException", message="no")
    done = pipemedic("audit", *US)
    assert done.returncode == ExitCode.AWS
    assert "Add codepipeline:GetPipeline to your own policy." in done.stderr


def test_one_place_in_trouble_is_told_beside_what_the_others_show(pipemedic: Run, clean_account: DemoAccount) -> None:
    clean_account.add_fault(operation="ListPipelines", region="us-east-1", code="AccessDeniedException", message="no")
    done = pipemedic("audit", *EVERYWHERE, "--fail-on", "critical", "--format", "json")
    found = json.loads(done.stdout)
    assert done.returncode == ExitCode.AWS
    assert [bool(each["error"]) for each in found["places"]] == [False, True]
    assert all(each["region"] == "eu-west-1" for each in found["pipelines"])
    assert "ListPipelines" in done.stderr


def test_text_keeps_within_the_terminal_but_for_what_must_stay_whole(pipemedic: Run) -> None:
    done = pipemedic("audit", *EVERYWHERE, "-v", COLUMNS="80")
    long = [line for line in done.stdout.splitlines() if len(line) > 80]
    assert [line for line in long if "://" not in line and "$ aws " not in line and "arn:" not in line] == []
