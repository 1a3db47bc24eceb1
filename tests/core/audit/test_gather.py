"""Reads over a fleet: each made once an account, batches cut apart, other accounts said to be out of reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.audit.case import Case, Kind
from core.audit.gather import gather
from core.audit.judge import judge_all
from core.audit.reads import Reads
from core.audit.role_listing import LISTED_FROM
from core.audit.shared import read_shared
from core.build import LogLocation
from core.fact import Fact, Outcome
from core.pipeline import ActionDecl, StageDecl
from tests.core.audit.cases import ACCOUNT, ROLE, SOURCE, action, build, case

OTHER = "444455556666"


class Recorded:
    """Evidence that answers by operation, and remembers what was asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers
        self._facts: dict[str, Fact] = {}
        self.asked: list[str] = []

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(self._facts.values())

    @property
    def calls(self) -> int:
        return len(self.asked)

    async def read(
        self,
        service: str,
        operation: str,
        params: Mapping[str, Any] | None = None,
        *,
        region: str = "",
        role_arn: str = "",
        pages: int = 10,
    ) -> Fact:
        del role_arn, pages
        key = f"{service} {operation} {params} {region}"
        if key not in self._facts:
            self.asked.append(operation)
            value = self._answers.get(operation)
            outcome = Outcome.OK if value is not None else Outcome.NO_DATA
            self._facts[key] = Fact(len(self.asked), service, operation, dict(params or {}), outcome, value, region)
        return self._facts[key]

    async def archive(
        self, bucket: str, key: str, names: Sequence[str], *, region: str = "", role_arn: str = ""
    ) -> Fact:
        raise NotImplementedError

    async def again(self, n: int) -> Fact:
        raise NotImplementedError

    async def log(self, where: LogLocation, *, limit: int = 100_000) -> Fact:
        raise NotImplementedError


def named(name: str, *stages: StageDecl) -> Case:
    return case(*(stages or (SOURCE, build(name))), name=name)


async def gathered(cases: list[Case], reads: Reads) -> list[Case]:
    shared = await read_shared(cases, reads)
    return [await gather(each, reads, shared) for each in cases]


async def test_what_pipelines_share_is_read_once_and_projects_in_one_batch() -> None:
    projects = [{"name": name, "serviceRole": ROLE} for name in ("one", "two", "three")]
    evidence = Recorded(
        {
            "BatchGetProjects": {"projects": projects},
            "ListRolePolicies": {"PolicyNames": []},
            "ListAttachedRolePolicies": {"AttachedPolicies": []},
            "ListRules": {"Rules": []},
        }
    )
    reads = Reads({ACCOUNT: evidence})
    cases = await gathered([named("one"), named("two"), named("three")], reads)
    for operation in ("BatchGetProjects", "GetRole", "GetBucketAcl", "ListRules", "GetBucketEncryption"):
        assert evidence.asked.count(operation) == 1, operation
    held = [next(iter(each.of(Kind.PROJECT).values())) for each in cases]
    assert [fact.get("projects", 0, "name") for fact in held] == ["one", "two", "three"]
    assert [fact.params for fact in held] == [{"names": ["one"]}, {"names": ["two"]}, {"names": ["three"]}]
    assert len({fact.n for each in cases for facts in each.facts.values() for fact in facts.values()}) > 5


async def test_a_project_that_is_not_there_is_absent_and_no_trouble() -> None:
    evidence = Recorded({"BatchGetProjects": {"projects": [], "projectsNotFound": ["gone"]}})
    (one,) = await gathered([named("gone")], Reads({ACCOUNT: evidence}))
    (fact,) = one.of(Kind.PROJECT).values()
    assert fact.outcome is Outcome.NO_DATA


async def test_a_role_of_an_account_that_no_context_reaches_is_said_once() -> None:
    role = f"arn:aws:iam::{OTHER}:role/deploy"
    ship: ActionDecl = replace(action("Ship", "Deploy", "S3", {"BucketName": "shop"}), role_arn=role)
    cases = await gathered([named("one", SOURCE, StageDecl("Out", (ship,)))], Reads({ACCOUNT: Recorded({})}))
    foreign = [each for each in judge_all(cases).blind if OTHER in each.fact.error]
    assert len(foreign) == 1
    assert not foreign[0].denied
    assert f"it is in account {OTHER}, which none of the places asked reaches" in foreign[0].sentence


async def test_a_role_of_another_account_is_read_there_when_a_context_reaches_it() -> None:
    role = f"arn:aws:iam::{OTHER}:role/deploy"
    ship = replace(action("Ship", "Deploy", "S3", {"BucketName": "shop"}), role_arn=role)
    there = Recorded(
        {
            "ListAttachedRolePolicies": {
                "AttachedPolicies": [
                    {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
                ]
            }
        }
    )
    reads = Reads({ACCOUNT: Recorded({}), OTHER: there})
    (one,) = await gathered([named("one", SOURCE, StageDecl("Out", (ship,)))], reads)
    assert there.asked.count("GetRole") == 1
    found = [each for each in judge_all([one]).findings if each.rule == "role-admin"]
    assert [(each.resource, each.account) for each in found] == [(role, OTHER)]


async def test_many_roles_that_may_not_be_listed_whole_take_their_trust_from_one_list() -> None:
    roles = [f"arn:aws:iam::{ACCOUNT}:role/r{number}" for number in range(LISTED_FROM)]
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    evidence = Recorded({"ListRoles": {"Roles": [{"Arn": arn, "AssumeRolePolicyDocument": trust} for arn in roles]}})
    pipelines = [
        replace(named(f"p{n}"), definition=replace(named(f"p{n}").definition, role_arn=arn))
        for n, arn in enumerate(roles)
    ]
    cases = await gathered(pipelines, Reads({ACCOUNT: evidence}))
    assert evidence.asked.count("ListRoles") == 1
    assert "GetRole" not in evidence.asked
    assert evidence.asked.count("ListRolePolicies") == LISTED_FROM
    broad = [each for each in judge_all(cases).findings if each.rule == "role-trust"]
    assert len(broad) == LISTED_FROM
