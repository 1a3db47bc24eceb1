"""CodeBuild: builds, projects, reports."""

from collections.abc import Mapping

from demo.services import Handler
from demo.services.codebuild import batches, builds, projects, reports

__all__ = ["OPERATIONS"]

OPERATIONS: Mapping[str, Handler] = {
    **batches.OPERATIONS,
    **builds.OPERATIONS,
    **projects.OPERATIONS,
    **reports.OPERATIONS,
}
