"""CodeDeploy: applications, groups, deployments, targets."""

from collections.abc import Mapping

from demo.services import Handler
from demo.services.codedeploy import deployments, groups

__all__ = ["OPERATIONS"]

OPERATIONS: Mapping[str, Handler] = {**deployments.OPERATIONS, **groups.OPERATIONS}
