"""Which IAM actions an action of a pipeline needs, derived from its provider, configuration and artifact store. Pure.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html and the action references.
Resources are as narrow as the API allows; ``*`` stands only where the API has no resource level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.arn import Arn
from core.playbook import Subject

__all__ = [
    "Need",
    "Store",
    "acting_account",
    "action_needs",
    "arn",
    "assume_needs",
    "connection_arn",
    "knows",
    "store_of",
]

_LEGACY, _NEW = "codestar-connections", "codeconnections"


@dataclass(frozen=True, slots=True)
class Need:
    """One action on one resource, and what breaks without it.

    Attributes:
        cause: the vocabulary's id when it is missing.
        context: condition keys and values that the service's request carries.
    """

    action: str
    resource: str
    why: str
    cause: str = "permission.action-denied"
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """The artifact store of the action's region, as ARNs.

    Attributes:
        objects: the objects of this pipeline within it (CodePipeline cuts the pipeline's name at 20 characters).
        key: ARN of the KMS key; empty for the AWS managed one, or where only an alias is known.
        key_id: the key as the definition names it.
    """

    bucket: str
    bucket_arn: str
    objects: str
    key: str = ""
    key_id: str = ""


def acting_account(subject: Subject) -> str:
    """The account in which the action works: that of its own role, else the pipeline's."""
    role = Arn.parse(subject.role_arn)
    return role.account if role else subject.identity.account


def arn(subject: Subject, service: str, resource: str, *, account: str | None = None, region: str | None = None) -> str:
    """An ARN in the action's partition, region and account."""
    where = subject.region if region is None else region
    who = acting_account(subject) if account is None else account
    return f"arn:{subject.identity.partition}:{service}:{where}:{who}:{resource}"


def store_of(subject: Subject) -> Store | None:
    """The artifact store that serves the action's region, or None where the definition has none for it."""
    stores = subject.definition.stores
    store = stores.get(subject.region) or stores.get("")
    if store is None and len(stores) == 1 and subject.region == subject.ref.place.region:
        store = next(iter(stores.values()))
    if store is None or not store.location:
        return None
    bucket = f"arn:{subject.identity.partition}:s3:::{store.location}"
    return Store(
        store.location, bucket, f"{bucket}/{subject.definition.name[:20]}/*", _key_arn(subject, store.key), store.key
    )


def _key_arn(subject: Subject, key: str) -> str:
    parsed = Arn.parse(key)
    if parsed:
        return key if parsed.resource.startswith("key/") else ""
    if not key or key.startswith("alias/"):
        return ""
    return arn(subject, "kms", f"key/{key}", account=subject.identity.account)


def assume_needs(subject: Subject) -> tuple[Need, ...]:
    """What the pipeline's role needs in order to act through the action's own role."""
    role = subject.action.role_arn
    if not role or role == subject.definition.role_arn:
        return ()
    return (Need("sts:AssumeRole", role, "the pipeline's role assumes the action's role", "permission.cross-account"),)


def action_needs(subject: Subject) -> tuple[Need, ...]:
    """What the role that starts the action needs; empty for a provider that is not known here."""
    provider = _PROVIDERS.get(subject.action.provider)
    own = provider(subject, subject.action.configuration) if provider else ()
    return (*own, *_artifact_needs(subject))


def knows(provider: str) -> bool:
    """Whether the needs of a provider's actions are known here."""
    return provider in _PROVIDERS


def _artifact_needs(subject: Subject) -> tuple[Need, ...]:
    """Artifacts that the role itself moves; a CodeBuild action's are moved by the build's role."""
    store, action = store_of(subject), subject.action
    if store is None or action.provider in ("CodeBuild", "Manual", "Jenkins"):
        return ()
    needs: list[Need] = []
    if action.inputs:
        needs.append(Need("s3:GetObject", store.objects, "to read the input artifact", "artifact.access-denied"))
    if action.outputs:
        needs.append(Need("s3:PutObject", store.objects, "to write the output artifact", "artifact.access-denied"))
    if store.key and action.inputs:
        needs.append(Need("kms:Decrypt", store.key, "to decrypt the input artifact", "artifact.kms-denied"))
    if store.key and action.outputs:
        needs.append(Need("kms:GenerateDataKey", store.key, "to encrypt the output artifact", "artifact.kms-denied"))
    return tuple(needs)


_Config = Mapping[str, str]


def _codebuild(subject: Subject, config: _Config) -> tuple[Need, ...]:
    project = arn(subject, "codebuild", f"project/{config.get('ProjectName', '*')}")
    batch = config.get("BatchEnabled", "").lower() == "true"
    start = ("StartBuildBatch", "BatchGetBuildBatches") if batch else ("StartBuild", "BatchGetBuilds")
    return tuple(Need(f"codebuild:{name}", project, "to start the build and follow it") for name in start)


def connection_arn(config: _Config) -> str:
    """The connection that a source action uses; empty where it names none."""
    return config.get("ConnectionArn", "")


def _connection(subject: Subject, config: _Config) -> tuple[Need, ...]:
    del subject
    connection = connection_arn(config)
    if not connection:
        return ()
    prefix = _NEW if f":{_NEW}:" in connection else _LEGACY
    return (Need(f"{prefix}:UseConnection", connection, "to read the repository", "source.connection-denied"),)


def _codecommit(subject: Subject, config: _Config) -> tuple[Need, ...]:
    repository = arn(subject, "codecommit", config.get("RepositoryName", "*"))
    names = ["GetBranch", "GetCommit", "UploadArchive", "GetUploadArchiveStatus"]
    if config.get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF":
        names = ["GetBranch", "GetCommit", "GetRepository"]
    return tuple(Need(f"codecommit:{name}", repository, "to read the repository") for name in names)


def _s3_source(subject: Subject, config: _Config) -> tuple[Need, ...]:
    bucket = f"arn:{subject.identity.partition}:s3:::{config.get('S3Bucket', '*')}"
    key = f"{bucket}/{config.get('S3ObjectKey', '*')}"
    return (
        Need("s3:GetBucketVersioning", bucket, "to see whether the source bucket keeps versions"),
        Need("s3:GetObject", key, "to read the source object"),
        Need("s3:GetObjectVersion", key, "to read the source object's version"),
    )


def _ecr_source(subject: Subject, config: _Config) -> tuple[Need, ...]:
    repository = arn(subject, "ecr", f"repository/{config.get('RepositoryName', '*')}")
    return (Need("ecr:DescribeImages", repository, "to find the image of the tag"),)


def _s3_deploy(subject: Subject, config: _Config) -> tuple[Need, ...]:
    bucket = f"arn:{subject.identity.partition}:s3:::{config.get('BucketName', '*')}/*"
    needs = [Need("s3:PutObject", bucket, "to write the deployed objects", "s3deploy.denied")]
    if config.get("CannedACL"):
        needs.append(Need("s3:PutObjectAcl", bucket, "to set the ACL of the deployed objects", "s3deploy.denied"))
    return tuple(needs)


def _codedeploy(subject: Subject, config: _Config) -> tuple[Need, ...]:
    application = config.get("ApplicationName", "*")
    group = arn(subject, "codedeploy", f"deploymentgroup:{application}/{config.get('DeploymentGroupName', '*')}")
    app = arn(subject, "codedeploy", f"application:{application}")
    return (
        Need("codedeploy:CreateDeployment", group, "to start the deployment"),
        Need("codedeploy:GetDeployment", group, "to follow the deployment"),
        Need("codedeploy:GetApplicationRevision", app, "to look the revision up"),
        Need("codedeploy:RegisterApplicationRevision", app, "to register the revision"),
    )


def _ecs(subject: Subject, config: _Config) -> tuple[Need, ...]:
    service = arn(subject, "ecs", f"service/{config.get('ClusterName', 'default')}/{config.get('ServiceName', '*')}")
    return (
        Need("ecs:DescribeServices", service, "to read the service"),
        Need("ecs:UpdateService", service, "to roll the new task definition out"),
        Need("ecs:DescribeTaskDefinition", "*", "to read the present task definition"),
        Need("ecs:RegisterTaskDefinition", "*", "to register the new task definition"),
    )


def _ecs_blue_green(subject: Subject, config: _Config) -> tuple[Need, ...]:
    register = Need("ecs:RegisterTaskDefinition", "*", "to register the new task definition")
    return (*_codedeploy(subject, config), register)


_STACK_CHANGES = {
    "CREATE_UPDATE": ("DescribeStacks", "CreateStack", "UpdateStack"),
    "REPLACE_ON_FAILURE": ("DescribeStacks", "CreateStack", "UpdateStack", "DeleteStack"),
    "DELETE_ONLY": ("DescribeStacks", "DeleteStack"),
    "CHANGE_SET_REPLACE": ("DescribeStacks", "CreateChangeSet", "DescribeChangeSet", "DeleteChangeSet"),
    "CHANGE_SET_EXECUTE": ("DescribeStacks", "DescribeChangeSet", "ExecuteChangeSet"),
}


def _cloudformation(subject: Subject, config: _Config) -> tuple[Need, ...]:
    stack = arn(subject, "cloudformation", f"stack/{config.get('StackName', '*')}/*")
    changes = _STACK_CHANGES.get(config.get("ActionMode", ""), ("DescribeStacks",))
    needs = [Need(f"cloudformation:{name}", stack, "to change the stack") for name in changes]
    role = config.get("RoleArn", "")
    if role and config.get("ActionMode") != "CHANGE_SET_EXECUTE":
        context = (("iam:PassedToService", "cloudformation.amazonaws.com"),)
        needs.append(Need("iam:PassRole", role, "to hand the stack's role over", "permission.pass-role", context))
    return tuple(needs)


def _lambda(subject: Subject, config: _Config) -> tuple[Need, ...]:
    function = arn(subject, "lambda", f"function:{config.get('FunctionName', '*')}")
    return (Need("lambda:InvokeFunction", function, "to invoke the function"),)


def _stepfunctions(subject: Subject, config: _Config) -> tuple[Need, ...]:
    del subject
    machine = config.get("StateMachineArn", "")
    if not machine:
        return ()
    execution = machine.replace(":stateMachine:", ":execution:") + ":*"
    return (
        Need("states:DescribeStateMachine", machine, "to read the state machine"),
        Need("states:StartExecution", machine, "to start the execution"),
        Need("states:DescribeExecution", execution, "to follow the execution"),
    )


def _approval(subject: Subject, config: _Config) -> tuple[Need, ...]:
    del subject
    topic = config.get("NotificationArn", "")
    return (Need("sns:Publish", topic, "to tell the approvers"),) if topic else ()


def _appconfig(subject: Subject, config: _Config) -> tuple[Need, ...]:
    application = config.get("Application", "*")
    environment = f"application/{application}/environment/{config.get('Environment', '*')}"
    return (
        Need("appconfig:StartDeployment", arn(subject, "appconfig", environment), "to start the deployment"),
        Need("appconfig:GetDeployment", arn(subject, "appconfig", environment + "/deployment/*"), "to follow it"),
    )


def _eks(subject: Subject, config: _Config) -> tuple[Need, ...]:
    cluster = arn(subject, "eks", f"cluster/{config.get('ClusterName', '*')}")
    return (Need("eks:DescribeCluster", cluster, "to reach the cluster"),)


def _service_catalog(subject: Subject, config: _Config) -> tuple[Need, ...]:
    product = arn(subject, "catalog", f"product/{config.get('ProductId', '*')}")
    names = ("ListProvisioningArtifacts", "CreateProvisioningArtifact", "DescribeProvisioningArtifact", "UpdateProduct")
    return (
        *(Need(f"servicecatalog:{name}", product, "to add a version to the product") for name in names),
        Need("cloudformation:ValidateTemplate", "*", "to check the template"),
    )


def _ec2(subject: Subject, config: _Config) -> tuple[Need, ...]:
    tag = f"aws:ResourceTag/{config.get('InstanceTagKey', '')}", config.get("InstanceTagValue", "")
    context = (tag,) if tag[1] else ()
    why = "to run commands on the instances"
    return (
        Need("ec2:DescribeInstances", "*", "to find the instances"),
        Need("ssm:DescribeInstanceInformation", "*", "to see which of them answer"),
        Need("ssm:ListCommandInvocations", "*", "to follow the commands"),
        Need("ssm:SendCommand", arn(subject, "ec2", "instance/*"), why, context=context),
        Need("ssm:SendCommand", arn(subject, "ssm", "document/AWS-RunShellScript", account=""), why),
    )


_PROVIDERS: Mapping[str, Callable[[Subject, _Config], tuple[Need, ...]]] = {
    "AppConfig": _appconfig,
    "CloudFormation": _cloudformation,
    "CodeBuild": _codebuild,
    "CodeCommit": _codecommit,
    "CodeDeploy": _codedeploy,
    "CodeDeployToECS": _ecs_blue_green,
    "CodeStarSourceConnection": _connection,
    "EC2": _ec2,
    "ECR": _ecr_source,
    "ECS": _ecs,
    "EKS": _eks,
    "Lambda": _lambda,
    "Manual": _approval,
    "S3": lambda subject, config: (
        _s3_source(subject, config) if subject.action.category == "Source" else _s3_deploy(subject, config)
    ),
    "ServiceCatalog": _service_catalog,
    "StepFunctions": _stepfunctions,
}
