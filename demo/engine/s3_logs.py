"""Logs of builds that go to S3: gzipped there when a build has ended, as CodeBuild does."""

import gzip

from demo.engine.build import Build
from demo.moto_bridge import MotoBridge

__all__ = ["S3Logs", "s3_log_arn"]


def s3_log_arn(build: Build) -> str:
    """Return where a build's log lies in S3; empty where it goes elsewhere."""
    logs = build.project.data["logsConfig"]["s3Logs"]
    return f"arn:aws:s3:::{logs['location']}/{build.uuid}.gz" if logs["status"] == "ENABLED" else ""


class S3Logs:
    """Remembers builds until S3 is asked for their logs."""

    def __init__(self, moto: MotoBridge) -> None:
        self._moto = moto
        self._waiting: list[Build] = []

    def add(self, build: Build) -> None:
        """Note a build that has ended."""
        self._waiting.append(build)

    def store(self) -> None:
        """Put what was noted into moto's S3."""
        waiting, self._waiting = self._waiting, []
        for build in waiting:
            bucket, _, key = s3_log_arn(build).removeprefix("arn:aws:s3:::").partition("/")
            lines = (text for _, text in build.log.due((build.ended or build.started) + 1))
            self._moto.s3().put_object(bucket, key, gzip.compress("".join(lines).encode()))
