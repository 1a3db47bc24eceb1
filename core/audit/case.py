"""One pipeline with everything that was read about it: what the rules judge. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.arn import Arn
from core.fact import Fact, Outcome
from core.pipeline import ActionDecl, Definition, StageDecl
from core.place import Identity, PipelineRef
from core.plans.setting import Where

__all__ = ["Case", "Kind", "Needed", "group_key", "inline_key", "place_key", "project_of", "service_key"]


class Kind(StrEnum):
    """What facts are about; each kind is keyed as said behind it."""

    PIPELINE = "pipeline"  # GetPipeline, by pipeline ARN
    ROLE = "role"  # GetRole, by role ARN
    ATTACHED = "attached"  # ListAttachedRolePolicies, by role ARN
    INLINE_NAMES = "inline names"  # ListRolePolicies, by role ARN
    INLINE = "inline"  # GetRolePolicy, by `inline_key`
    POLICY = "policy"  # GetPolicy, by policy ARN
    POLICY_TEXT = "policy text"  # GetPolicyVersion, by policy ARN
    LAST_USED = "last used"  # GetServiceLastAccessedDetails, by role ARN
    PROJECT = "project"  # BatchGetProjects of one project, by `place_key`
    RUNS = "action runs"  # ListActionExecutions, the newest ones, by pipeline ARN
    SPEC = "buildspec"  # the file within the archive that a project builds, by `place_key` of the project
    LOG_GROUP = "log group"  # DescribeLogGroups of one group, by `place_key`
    ACCESS_BLOCK = "access block"  # GetPublicAccessBlock, by bucket
    POLICY_STATUS = "policy status"  # GetBucketPolicyStatus, by bucket
    ACL = "acl"  # GetBucketAcl, by bucket
    ENCRYPTION = "encryption"  # GetBucketEncryption, by bucket
    VERSIONING = "versioning"  # GetBucketVersioning, by bucket
    LIFECYCLE = "lifecycle"  # GetBucketLifecycleConfiguration, by bucket
    KEY = "key"  # DescribeKey, by key as the definition names it
    KEY_ROTATION = "key rotation"  # GetKeyRotationStatus, by key as the definition names it
    EVENT_RULES = "event rules"  # ListRules, by region
    RULE_TARGETS = "rule targets"  # ListTargetsByRule, by rule name
    NOTICES = "notification rules"  # ListNotificationRules of the pipeline, by pipeline ARN
    NOTICE = "notification rule"  # DescribeNotificationRule, by rule ARN
    GROUP = "deployment group"  # GetDeploymentGroup, by `group_key`
    SERVICE = "service"  # DescribeServices of one service, by `service_key`
    TASK = "task definition"  # DescribeTaskDefinition, by task definition ARN
    STACK = "stack"  # DescribeStacks of one stack, by `place_key`


_EMPTY: Mapping[Kind, Mapping[str, Fact]] = MappingProxyType({})


def inline_key(role_arn: str, policy: str) -> str:
    """The key of a role's inline policy."""
    return f"{role_arn} {policy}"


def place_key(region: str, name: str) -> str:
    """The key of something that is unique by name in a region."""
    return f"{region}/{name}"


def group_key(region: str, application: str, group: str) -> str:
    """The key of a deployment group."""
    return f"{region}/{application}/{group}"


def service_key(region: str, cluster: str, service: str) -> str:
    """The key of an ECS service."""
    return f"{region}/{cluster}/{service}"


@dataclass(frozen=True, slots=True)
class Needed:
    """One IAM action that the definition needs of a role, on which resource, and why."""

    action: str
    resource: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A pipeline before the rules.

    Attributes:
        identity: who looks, in which account.
        now: epoch seconds.
        facts: by kind, then by key; only what has to do with this pipeline.
        needed: what the definition needs, by role ARN; only roles whose needs are fully known.
    """

    ref: PipelineRef
    identity: Identity
    definition: Definition
    now: float
    facts: Mapping[Kind, Mapping[str, Fact]] = field(default_factory=lambda: _EMPTY)
    needed: Mapping[str, tuple[Needed, ...]] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The pipeline's ARN."""
        region, account = self.ref.place.region, self.identity.account
        return self.definition.arn or f"arn:{self.identity.partition}:codepipeline:{region}:{account}:{self.ref.name}"

    @property
    def region(self) -> str:
        """The pipeline's region."""
        return self.ref.place.region

    @property
    def where(self) -> Where:
        """The same for plans."""
        return Where.of(self.ref, self.identity.account)

    @property
    def actions(self) -> Iterator[tuple[StageDecl, ActionDecl]]:
        """All actions with their stages, in order."""
        for stage in self.definition.stages:
            for action in stage.actions:
                yield stage, action

    def of(self, kind: Kind) -> Mapping[str, Fact]:
        """All facts of a kind, whatever came of them."""
        return self.facts.get(kind, {})

    def ok(self, kind: Kind, key: str) -> Fact | None:
        """A fact that has a value; None where it was not asked, or nothing came."""
        fact = self.of(kind).get(key)
        return fact if fact is not None and fact.ok else None

    def absent(self, kind: Kind, key: str) -> Fact | None:
        """A fact that says AWS has no such thing; None where it has, or is not known."""
        fact = self.of(kind).get(key)
        return fact if fact is not None and fact.outcome is Outcome.NO_DATA else None

    def known(self, kind: Kind) -> Iterator[tuple[str, Fact]]:
        """All facts of a kind that have a value."""
        return ((key, fact) for key, fact in self.of(kind).items() if fact.ok)

    def ok_names(self, role_arn: str) -> tuple[str, ...]:
        """Names of a role's inline policies; empty where they are not known."""
        fact = self.ok(Kind.INLINE_NAMES, role_arn)
        return tuple(str(name) for name in fact.get("PolicyNames", default=())) if fact else ()

    def attached(self, role_arn: str) -> tuple[str, ...]:
        """ARNs of a role's managed policies; empty where they are not known."""
        fact = self.ok(Kind.ATTACHED, role_arn)
        found = fact.get("AttachedPolicies", default=()) if fact else ()
        return tuple(str(each.get("PolicyArn", "")) for each in found)

    def region_of(self, action: ActionDecl) -> str:
        """The region in which an action works."""
        return action.region or self.region

    def account_of(self, action: ActionDecl) -> str:
        """The account in which an action works: that of its own role, else the pipeline's."""
        role = Arn.parse(action.role_arn)
        return role.account if role else self.identity.account


def project_of(fact: Fact) -> Mapping[str, Any]:
    """The project within a fact of `Kind.PROJECT`; empty where it holds none."""
    project = fact.get("projects", 0)
    return project if isinstance(project, Mapping) else {}
