"""Service models as botocore ships them, loaded once and when first asked for."""

from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

__all__ = ["operation", "service_model", "target_prefix"]

_loader = Loader()


@cache
def service_model(service: str) -> ServiceModel:
    """Load the model of a service by botocore's name for it (``codepipeline``, ``codestar-connections``, ...)."""
    return ServiceModel(_loader.load_service_model(service, "service-2"), service)


@cache
def operation(service: str, name: str) -> OperationModel | None:
    """Find an operation of a service, or nothing."""
    model = service_model(service)
    return model.operation_model(name) if name in model.operation_names else None


def target_prefix(service: str) -> str:
    """Return what stands before the dot in a JSON service's ``X-Amz-Target``."""
    return str(service_model(service).metadata.get("targetPrefix", ""))
