"""Deployments to S3, Lambda, Elastic Beanstalk, AppConfig, Service Catalog, EKS and EC2, and what the rest say."""

from __future__ import annotations

from core.playbook import Playbook, Subject
from playbooks._text import message_step

from ._appconfig import APPCONFIG
from ._beanstalk import BEANSTALK
from ._common import ID
from ._eks import EKS
from ._lambda import LAMBDA
from ._s3 import S3
from ._servers import SCRIPTS, SERVERS
from ._service_catalog import CATALOG

__all__ = ["PLAYBOOK"]

_HAVE_THEIR_OWN = ("CodeDeploy", "CodeDeployToECS", "ECS")


def _applies(subject: Subject) -> float:
    action = subject.action
    if action.category != "Deploy" or action.owner != "AWS" or action.provider.startswith("CloudFormation"):
        return 0.0
    return 0.0 if action.provider in _HAVE_THEIR_OWN else 1.0


PLAYBOOK = Playbook(
    id=ID,
    title="Other deployments",
    summary="Asks S3, Lambda, Elastic Beanstalk, AppConfig, Service Catalog, EKS and EC2 what became of a deployment.",
    steps=(message_step(ID), S3, LAMBDA, BEANSTALK, APPCONFIG, CATALOG, EKS, SERVERS, SCRIPTS),
    applies=_applies,
    causes=(
        "artifact.missing",
        "beanstalk.deploy-failed",
        "cfn.template-invalid",
        "codedeploy.agent-missing",
        "codedeploy.alarm-rollback",
        "codedeploy.appspec-invalid",
        "codedeploy.hook-failed",
        "codedeploy.instance-profile",
        "codedeploy.load-balancer",
        "codedeploy.no-instances",
        "eks.deploy-failed",
        "flow.structure-invalid",
        "lambda.invoke-failed",
        "s3deploy.denied",
    ),
)
