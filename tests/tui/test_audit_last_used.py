"""Last accessed information: a report that is started, waited for and read; never where one may only read."""

from __future__ import annotations

import pytest

from aws.cloud import Cloud
from aws.iam_actions import iam_action
from core.errors import ReadOnlyRefused, UsageError
from core.fact import Outcome
from core.place import Place
from demo.process import DemoAccount
from tui.audit_last_used import LastUsed, open_for_jobs
from tui.audit_run import AuditReport, audit
from tui.cli.policy import reader_actions
from tui.options import Options

HERE = Place("", "eu-west-1")
ROLE = "arn:aws:iam::111122223333:role/service-role/cfn-data-platform"


async def audited(cloud: Cloud) -> AuditReport:
    return await audit(cloud, ("data-platform",), extra=LastUsed(cloud, poll_s=0.05))


async def test_what_was_not_used_for_long_is_told_and_each_role_is_asked_once(on_demo: DemoAccount) -> None:
    before = on_demo.calls()["by_operation"].get("iam:GenerateServiceLastAccessedDetails", 0)
    on_demo.set_speed(50)
    try:
        async with Cloud([HERE]) as cloud:
            report = await audited(cloud)
    finally:
        on_demo.set_speed(1)
    (finding,) = [each for each in report.findings if each.rule == "role-unused"]
    assert finding.title == "Role cfn-data-platform has not used sns for 90 days"
    assert [each.operation for each in finding.facts] == ["GetServiceLastAccessedDetails"]
    asked = on_demo.calls()["by_operation"]["iam:GenerateServiceLastAccessedDetails"] - before
    assert asked == 3  # the pipeline's role, the build's, the stack's
    numbers = [fact.n for each in report.findings for fact in each.facts]
    assert all(number > 0 for number in numbers)


async def test_in_read_only_mode_no_report_is_started_and_that_is_said(on_demo: DemoAccount) -> None:
    before = on_demo.calls()["mutating"]
    async with Cloud([HERE], read_only=True) as cloud:
        report = await audited(cloud)
        with pytest.raises(ReadOnlyRefused):
            await cloud.start_job(HERE, "iam", "GenerateServiceLastAccessedDetails", {"Arn": ROLE})
    assert on_demo.calls()["mutating"] == before
    refused = [each for each in report.blind if each.rules == ("role-unused",)]
    assert {each.fact.outcome for each in refused} == {Outcome.ERROR}
    assert "read-only" in refused[0].sentence
    assert not [each for each in report.findings if each.rule == "role-unused"]


async def test_a_sealed_place_starts_none_either(on_demo: DemoAccount) -> None:
    async with Cloud([HERE], sealed=frozenset({HERE})) as cloud:
        with pytest.raises(ReadOnlyRefused, match="read-only in the configuration"):
            await cloud.start_job(HERE, "iam", "GenerateServiceLastAccessedDetails", {"Arn": ROLE}, region="us-east-1")


async def test_no_other_change_passes_as_a_job(on_demo: DemoAccount) -> None:
    async with Cloud([HERE]) as cloud:
        with pytest.raises(ReadOnlyRefused, match="not among the jobs"):
            await cloud.start_job(HERE, "iam", "DeleteRole", {"RoleName": "cfn-data-platform"})


async def test_a_denied_report_is_a_blind_spot(on_demo: DemoAccount) -> None:
    refused = "GenerateServiceLastAccessedDetails"
    on_demo.add_fault(service="iam", operation=refused, code="AccessDenied", message="no", status=403)
    async with Cloud([HERE]) as cloud:
        report = await audited(cloud)
    denied = [each for each in report.blind if each.denied]
    assert {each.fact.action for each in denied} == {"iam:GenerateServiceLastAccessedDetails"}


async def test_the_environment_of_a_reader_refuses_the_option(
    on_demo: DemoAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPEMEDIC_READ_ONLY", "1")
    with pytest.raises(UsageError, match="read-only"):
        async with open_for_jobs(Options(regions=("eu-west-1",))):
            pass


async def test_the_reader_policy_holds_everything_that_the_audit_reads(on_own: DemoAccount) -> None:
    for region in ("eu-west-1", "us-east-1"):
        async with Cloud([Place("", region)], read_only=True) as cloud:
            await audit(cloud)
            await audit(cloud, ("data-platform" if region == "eu-west-1" else "inventory",))
    told = on_own.calls(0)
    called = {iam_action(*key.split(":")) for key in told["by_operation"]} - {"sts:GetCallerIdentity"}
    assert len(called) >= 20
    assert called <= set(reader_actions())
    assert told["mutating"] == 0
