"""Where a failure happened: the provider, told or recognised from the text, and which families of causes fit it.

The same words mean different things in different places: an executable that is not found is a crashing task when ECS
says it, and a build's own mistake in a build log. What does not fit counts for less; it is never struck out, because
builds deploy, and deployments print what builds print.
"""

from __future__ import annotations

import re

__all__ = ["fit", "place_of"]

# What only one place prints, in the order of their strength.
_MARKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("codedeploy", re.compile(r"codedeploy-agent\(\d|InstanceAgent::|deployment-root/|LifecycleEvent ?- ?\w")),
    ("codebuild", re.compile(r"\[Container\] \d{4}/\d\d/\d\d|/codebuild/(?:output|readonly)/|COMMAND_EXECUTION_ERROR")),
    ("elasticbeanstalk", re.compile(r"eb-engine|EbExtension|/opt/elasticbeanstalk/|\[Instance: i-\w+\]")),
)
_NOT_BUILT = {"build.": 0.8, "source.": 0.8, "codedeploy.": 0.85}
# Families (beginnings of cause ids) that are strange to a provider, with what a match of theirs is worth there.
_STRANGE: dict[str, dict[str, float]] = {
    "codedeploy": {"build.buildspec": 0.3, "build.": 0.8, "source.": 0.85, "cfn.": 0.8, "beanstalk.": 0.6},
    "codedeploytoecs": {"build.buildspec": 0.3, "build.": 0.8, "source.": 0.85, "beanstalk.": 0.5},
    "ecs": {"build.": 0.8, "source.": 0.8, "beanstalk.": 0.5, "cfn.": 0.9},
    "cloudformation": {"build.": 0.85, "source.": 0.85},
    "elasticbeanstalk": _NOT_BUILT,
    "lambda": _NOT_BUILT,
    "stepfunctions": _NOT_BUILT,
    "ecrbuildandpublish": {"build.registry-repository": 0.8, "source.": 0.8},
    "codebuild": {"codedeploy.": 0.85, "beanstalk.": 0.95, "ecs.": 0.95, "cfn.": 0.97, "stepfunctions.": 0.9},
}


def place_of(provider: str, texts: tuple[str, ...]) -> str:
    """Return the provider in lower case: the one that is told, else the one that the texts show; empty when neither."""
    if provider:
        return provider.lower()
    return next((name for name, mark in _MARKS if any(mark.search(text) for text in texts)), "")


def fit(place: str, cause: str) -> float:
    """Return what a match for the cause is worth at the place, above 0 to 1."""
    strange = _STRANGE.get(place, {})
    return next((worth for family, worth in strange.items() if cause.startswith(family)), 1.0)
