"""Corrections of files in a repository: found by a playbook, taken by git and patch, pushed; the pipeline is green."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from aws.cloud import Cloud
from core.place import PipelineRef, Place
from core.repair import Repair, unified
from demo.files import DOCKER, NODE
from demo.process import DemoAccount
from tests.aws.acting import choose
from tests.aws.changing import EU, US, apply, statuses
from tui.triage import triage

APPSPEC = (
    "version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /srv/inventory\nhooks:\n  ApplicationStart:\n"
    "    - location: scripts/start_servr.sh\n      timeout: 120\n"
)
HUB = "FROM node:20-alpine AS build\nCOPY src ./src\nRUN npm ci\n\nFROM build\n"
LOST = "FROM public.ecr.aws/docker/library/python:3.12\nCOPY requirments.txt /srv/\nRUN pip check\n"
SAYS = NODE.replace("npm test", "echo Tests: all: npm test")
OTHER = DOCKER.replace('name\\":\\"app', 'name\\":\\"ap')


async def repair_of(cloud: Cloud, name: str, place: Place) -> Repair:
    """The correction that the likeliest cause offers."""
    diagnosis = await triage(cloud, PipelineRef(place, name))
    repairs = [fix.repair for finding in diagnosis.findings for fix in finding.fixes if fix.repair]
    assert repairs, [(each.cause, each.title) for each in diagnosis.findings]
    return repairs[0]


def checkout(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def patched(folder: Path, files: Mapping[str, str], patch: str, *tool: str) -> dict[str, str]:
    """The files of a checkout after a tool has taken the patch from its input."""
    folder.mkdir()
    checkout(folder, files)
    done = subprocess.run(tool, cwd=folder, input=patch, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr + patch
    return {name: (folder / name).read_text() for name in files}


@pytest.mark.parametrize(
    ("name", "place", "files", "facts", "changed"),
    [
        (
            "checkout-api",
            EU,
            {"Dockerfile": HUB, "src/main.js": "run()\n"},
            {"hub_limit": True, "health_path": None},
            "Dockerfile",
        ),
        ("orders", EU, {"Dockerfile": LOST, "requirements.txt": "flask\n"}, {}, "Dockerfile"),
        ("notifications", EU, {"buildspec.yml": SAYS}, {}, "buildspec.yml"),
        (
            "inventory",
            US,
            {"appspec.yml": APPSPEC, "scripts/start_server.sh": "#!/bin/sh\nsystemctl start inventory\n"},
            {"hook_fails": None},
            "appspec.yml",
        ),
        ("checkout-api", EU, {"buildspec.yml": OTHER}, {}, "buildspec.yml"),
    ],
    ids=["registry limit", "copy", "buildspec", "appspec", "image definitions"],
)
async def test_a_patch_from_a_playbook_applies_and_the_pipeline_goes_green(
    cloud: Cloud,
    account: DemoAccount,
    tmp_path: Path,
    name: str,
    place: Place,
    files: Mapping[str, str],
    facts: Mapping[str, object],
    changed: str,
) -> None:
    repository = f"example-shop/{name}"

    async def push(held: Mapping[str, str]) -> None:
        await asyncio.to_thread(account.push, repository, "A change", files=dict(held), facts=dict(facts))
        if name == "orders":  # its connection tells of nothing before it is completed
            source = (await cloud.pipelines(place).definition(name)).stages[0].actions[0]
            await asyncio.to_thread(account.set_connection, source.configuration["ConnectionArn"])
            await apply(cloud, await choose(cloud, name, "start", place=place))
        await asyncio.to_thread(account.advance, 3 * 3600)

    await push(files)
    assert "Failed" in await statuses(cloud, name, place)
    repair = await repair_of(cloud, name, place)
    assert repair.path == changed
    assert repair.text == files[changed]
    corrected = repair.correct(repair.text)
    assert corrected.left == ()
    patch = unified(repair.path, repair.text, corrected.text)
    by_git = patched(tmp_path / "git", files, patch, "git", "apply", "-")
    by_patch = patched(tmp_path / "patch", files, patch, "patch", "-p1")
    assert by_git == by_patch == {**files, changed: corrected.text}
    await push(by_git)
    assert await statuses(cloud, name, place) == {"Succeeded"}
