"""Reads everything that the rules judge of one pipeline, through reads that the whole fleet shares."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

from core.arn import Arn
from core.audit.buildspecs import Lying, lying
from core.audit.case import Case, Kind, group_key, inline_key, place_key, project_of, service_key
from core.audit.grants import roles
from core.audit.reads import Reads
from core.audit.role_listing import iam_region
from core.audit.rules.notification import FAILED, speaks_of
from core.audit.shared import Shared
from core.fact import Fact, Outcome
from core.pipeline import ActionDecl

__all__ = ["gather"]

_NEWEST = 50  # action runs among which the newest source is looked for
_S3 = {
    Kind.ACCESS_BLOCK: "GetPublicAccessBlock",
    Kind.POLICY_STATUS: "GetBucketPolicyStatus",
    Kind.ACL: "GetBucketAcl",
    Kind.ENCRYPTION: "GetBucketEncryption",
    Kind.VERSIONING: "GetBucketVersioning",
    Kind.LIFECYCLE: "GetBucketLifecycleConfiguration",
}


async def gather(case: Case, reads: Reads, shared: Shared) -> Case:
    """Return the case with all its facts; `case` has its definition and the fact of it already."""
    one = _One(case, reads)
    one.take(shared)
    case = replace(case, facts=one.facts)
    await asyncio.gather(
        *(one.role(arn, shared) for arn in roles(case)),
        *(one.store(region, store.location, store.key) for region, store in case.definition.stores.items()),
        *(one.deployment(action) for _, action in case.actions),
        one.tasks(),
        one.notices(),
        one.targets(shared),
        one.specs(),
    )
    return case


class _One:
    """One pipeline's facts as they come."""

    def __init__(self, case: Case, reads: Reads) -> None:
        self.case = case
        self.facts: dict[Kind, dict[str, Fact]] = {kind: dict(facts) for kind, facts in case.facts.items()}
        self._reads = reads

    def put(self, kind: Kind, key: str, fact: Fact) -> None:
        self.facts.setdefault(kind, {})[key] = fact

    async def read(
        self, kind: Kind, key: str, service: str, operation: str, params: Mapping[str, Any], **where: str
    ) -> Fact:
        """Read a fact and file it; `where` may name another account or region than the pipeline's."""
        account = where.get("account") or self.case.identity.account
        region = where.get("region") or self.case.region
        fact = await self._reads.read(account, service, operation, params, region=region)
        self.put(kind, key, fact)
        return fact

    def take(self, shared: Shared) -> None:
        """File what was read in batches."""
        case = self.case
        for _, action in case.actions:
            account, region, config = case.account_of(action), case.region_of(action), action.configuration
            if fact := shared.projects.get((account, region, config.get("ProjectName", ""))):
                name = str(project_of(fact).get("name") or config["ProjectName"])
                self.put(Kind.PROJECT, place_key(region, name), fact)
                cloud = (project_of(fact).get("logsConfig") or {}).get("cloudWatchLogs") or {}
                group = str(cloud.get("groupName") or f"/aws/codebuild/{name}")
                if held := shared.groups.get((account, region, group)):
                    self.put(Kind.LOG_GROUP, place_key(region, group), held)
            cluster = config.get("ClusterName", "default")
            if fact := shared.services.get((account, region, cluster, config.get("ServiceName", ""))):
                self.put(Kind.SERVICE, service_key(region, cluster, config["ServiceName"]), fact)
        if fact := shared.rules.get((case.identity.account, case.region)):
            self.put(Kind.EVENT_RULES, case.region, fact)

    async def role(self, role_arn: str, shared: Shared) -> None:
        """A role, its inline policies and its managed ones; IAM is asked in the role's own account."""
        arn = Arn.parse(role_arn)
        if arn is None:
            return
        listed = shared.roles.get(role_arn, {})
        for kind, facts in listed.items():
            self.facts.setdefault(kind, {}).update(facts)
        if Kind.INLINE_NAMES in listed:
            return
        where = {"account": arn.account, "region": iam_region(arn.partition)}
        named = {"RoleName": arn.name}
        if not self._reads.reaches(arn.account):
            out_of_reach = await self.read(Kind.ROLE, role_arn, "iam", "GetRole", named, **where)
            for kind in (Kind.ATTACHED, Kind.INLINE_NAMES):
                self.put(kind, role_arn, out_of_reach)
            return
        own = [] if Kind.ROLE in listed else [self.read(Kind.ROLE, role_arn, "iam", "GetRole", named, **where)]
        attached, names, *_ = await asyncio.gather(
            self.read(Kind.ATTACHED, role_arn, "iam", "ListAttachedRolePolicies", named, **where),
            self.read(Kind.INLINE_NAMES, role_arn, "iam", "ListRolePolicies", named, **where),
            *own,
        )
        reads: list[Awaitable[object]] = [
            self.read(
                Kind.INLINE, inline_key(role_arn, name), "iam", "GetRolePolicy", {**named, "PolicyName": name}, **where
            )
            for name in names.get("PolicyNames", default=())
        ]
        policies = [str(each.get("PolicyArn", "")) for each in attached.get("AttachedPolicies", default=())]
        reads += [self._managed(policy, where) for policy in policies if ":iam::aws:policy/" not in policy]
        await asyncio.gather(*reads)

    async def _managed(self, policy: str, where: Mapping[str, str]) -> None:
        known = await self.read(Kind.POLICY, policy, "iam", "GetPolicy", {"PolicyArn": policy}, **where)
        version = known.get("Policy", "DefaultVersionId")
        if version:
            params = {"PolicyArn": policy, "VersionId": version}
            await self.read(Kind.POLICY_TEXT, policy, "iam", "GetPolicyVersion", params, **where)

    async def store(self, region: str, bucket: str, key: str) -> None:
        """An artifact bucket's settings, and its key's."""
        at = region or self.case.region
        reads: list[Awaitable[object]] = [
            self.read(kind, bucket, "s3", operation, {"Bucket": bucket}, region=at) for kind, operation in _S3.items()
        ]
        if key:
            reads.append(self._key(key, at))
        await asyncio.gather(*reads)

    async def _key(self, key: str, region: str) -> None:
        known = await self.read(Kind.KEY, key, "kms", "DescribeKey", {"KeyId": key}, region=region)
        described = known.get("KeyMetadata", default={})
        if (
            described.get("KeyManager") == "CUSTOMER"
            and described.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
        ):
            params = {"KeyId": str(described.get("Arn", key))}
            await self.read(Kind.KEY_ROTATION, key, "kms", "GetKeyRotationStatus", params, region=region)

    async def deployment(self, action: ActionDecl) -> None:
        """What an action deploys to."""
        config = action.configuration
        account, region = self.case.account_of(action), self.case.region_of(action)
        if action.provider in {"CodeDeploy", "CodeDeployToECS"}:
            names = config.get("ApplicationName", ""), config.get("DeploymentGroupName", "")
            params = {"applicationName": names[0], "deploymentGroupName": names[1]}
            key = group_key(region, *names)
            if all(names):
                await self.read(
                    Kind.GROUP, key, "codedeploy", "GetDeploymentGroup", params, account=account, region=region
                )
        elif action.provider == "CloudFormation" and (stack := config.get("StackName", "")):
            await self.read(
                Kind.STACK,
                place_key(region, stack),
                "cloudformation",
                "DescribeStacks",
                {"StackName": stack},
                account=account,
                region=region,
            )

    async def tasks(self) -> None:
        """Task definitions of services that no load balancer checks."""
        reads = []
        for key, fact in self.facts.get(Kind.SERVICE, {}).items():
            service = fact.get("services", 0, default={})
            definition = str(service.get("taskDefinition", ""))
            arn = Arn.parse(definition)
            if fact.ok and definition and not service.get("loadBalancers"):
                where = {"account": arn.account if arn else "", "region": key.partition("/")[0]}
                params = {"taskDefinition": definition}
                reads.append(self.read(Kind.TASK, definition, "ecs", "DescribeTaskDefinition", params, **where))
        await asyncio.gather(*reads)

    async def specs(self) -> None:
        """The buildspecs that lie in the source: which archive is built tell the newest runs."""
        case = replace(self.case, facts=self.facts)
        if not any(lying(case, None)):
            return
        account, params = case.identity.account, {"pipelineName": case.ref.name, "maxResults": _NEWEST}
        found = await self._reads.read(
            account, "codepipeline", "ListActionExecutions", params, region=case.region, pages=1
        )
        runs = replace(found, outcome=Outcome.OK) if found.ok else found  # that there are older ones is no gap
        self.put(Kind.RUNS, case.arn, runs)
        await asyncio.gather(*(self._spec(each) for each in lying(case, runs)))

    async def _spec(self, held: Lying) -> None:
        stores = self.case.definition.stores.items()
        region = next((at for at, store in stores if store.location == held.bucket), "") or self.case.region
        account = self.case.identity.account
        fact = await self._reads.archive(account, held.bucket, held.object_key, (held.path,), region=region)
        self.put(Kind.SPEC, held.key, fact)

    async def notices(self) -> None:
        """The pipeline's notification rules that cover failed executions."""
        filters = [{"Name": "RESOURCE", "Value": self.case.arn}, {"Name": "EVENT_TYPE_ID", "Value": FAILED}]
        service = "codestar-notifications"
        found = await self.read(Kind.NOTICES, self.case.arn, service, "ListNotificationRules", {"Filters": filters})
        arns = [str(each.get("Arn", "")) for each in found.get("NotificationRules", default=())]
        await asyncio.gather(
            *(self.read(Kind.NOTICE, arn, service, "DescribeNotificationRule", {"Arn": arn}) for arn in arns[:3])
        )

    async def targets(self, shared: Shared) -> None:
        """Targets of the event rules that match a failure of the pipeline."""
        fact = shared.rules.get((self.case.identity.account, self.case.region))
        names = [
            str(each["Name"]) for each in (fact.get("Rules", default=()) if fact else ()) if speaks_of(each, self.case)
        ]
        await asyncio.gather(
            *(self.read(Kind.RULE_TARGETS, name, "events", "ListTargetsByRule", {"Rule": name}) for name in names[:3])
        )
