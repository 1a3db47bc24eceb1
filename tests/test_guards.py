"""Guards over the whole project: what may import what, what stays lazy, which names are ours."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"core", "aws", "playbooks", "widgets", "tui", "demo", "tests", "benchmarks"}


def loaded_by(code: str) -> set[str]:
    """Names of the modules that a fresh interpreter has loaded after running code."""
    told = "import json, sys\nprint(json.dumps(sorted(sys.modules)), file=sys.__stderr__)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{told}"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return set(json.loads(done.stderr.splitlines()[-1]))


def under(loaded: set[str], *names: str) -> set[str]:
    return {module for module in loaded if any(module == name or module.startswith(f"{name}.") for name in names)}


def test_no_dependency_owns_one_of_our_top_level_names() -> None:
    owners = importlib.metadata.packages_distributions()
    assert {name: owners[name] for name in OURS if set(owners.get(name, [])) - {"pipemedic"}} == {}


def test_rooms_import_only_what_they_may() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout


def test_the_interactive_program_is_imported_without_aws_playbooks_or_the_demo() -> None:
    loaded = loaded_by("import tui.app")
    assert "textual.app" in loaded
    assert not under(
        loaded, "aiobotocore", "botocore", "boto3", "aiohttp", "aws.cloud", "aws.session", "playbooks", "moto", "flask",
        "demo", "pygments.lexers.data", "core.signatures.engine",
    )  # fmt: skip


def test_the_version_is_told_without_textual() -> None:
    loaded = loaded_by(
        "import contextlib, sys\nsys.argv = ['pipemedic', '--version']\nfrom tui.__main__ import main\n"
        "with contextlib.suppress(SystemExit): main()"
    )
    assert not under(loaded, "textual", "rich", "botocore", "boto3", "asyncio", "moto", "pygments")


@pytest.mark.parametrize(
    ("room", "never"),
    [
        ("core.diagnosis", ("textual", "rich", "botocore", "aws", "tui", "pygments", "orjson")),
        ("playbooks", ("textual", "botocore", "aws", "tui")),
        ("aws.cloud", ("textual", "rich", "tui", "playbooks", "widgets", "boto3")),
        ("widgets.log_pane", ("core", "aws", "tui", "botocore")),
        ("demo.process", ("moto", "flask", "botocore", "textual", "core", "aws", "tui")),
    ],
)
def test_a_room_loads_nothing_of_the_others(room: str, never: tuple[str, ...]) -> None:
    assert not under(loaded_by(f"import {room}"), *never)


def test_no_colour_is_written_outside_the_theme() -> None:
    literal = re.compile(r"#[0-9a-fA-F]{6}\b|\brgba?\(|\bhsla?\(")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for room in ("tui", "widgets")
        for path in (*(ROOT / room).rglob("*.tcss"), *(ROOT / room).rglob("*.py"))
        if path.name not in {"theme.py", "gallery.py", "gallery_data.py", "ansi.py"}
        for line in path.read_text().splitlines()
        if literal.search(line)
    ]
    assert not found
