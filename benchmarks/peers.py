"""Peers that are measured where they are installed: in the folder that PIPEMEDIC_BENCH_PEERS names, or on the PATH.

None of them is a dependency: `python -m venv peers && peers/bin/pip install awslogs toolong`; lnav and version 2 of the
AWS CLI come from elsewhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess

__all__ = ["aws_v2", "peer"]


def peer(name: str) -> str:
    """The path of a program; empty where it is not installed."""
    folder = os.environ.get("PIPEMEDIC_BENCH_PEERS", "")
    return (folder and shutil.which(name, path=folder)) or shutil.which(name) or ""


def aws_v2() -> str:
    """The AWS CLI in version 2, the one that has `aws logs tail`; empty where there is none."""
    command = peer("aws")
    if not command:
        return ""
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=False).stdout
    return command if said.startswith("aws-cli/2") else ""
