"""What is imported before the first paint, and how long that takes, beside Textual alone."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import Result, Row, Spin, interleaved, ratios, row

__all__ = ["run"]

_OURS = {"aws", "core", "demo", "playbooks", "tui", "widgets"}
_EMPTY = "benchmarks.programs.empty"
_LIST = "import json, sys, {}; print(json.dumps(sorted(sys.modules)))"
_WAY_TO_THE_FIRST_PAINT = "tui.__main__, tui.cli, tui.launch, tui.app"


def run() -> Result:
    """Measure whole processes, one import each."""
    spin = Spin()
    rounds = interleaved((lambda: _import_s(_WAY_TO_THE_FIRST_PAINT), lambda: _import_s(_EMPTY)), spin)
    ours, empty = _modules(_WAY_TO_THE_FIRST_PAINT), _modules(_EMPTY)
    strangers = {name.partition(".")[0] for name in ours - empty} - _OURS - set(sys.stdlib_module_names)
    rows = (
        row("import of the program / of an empty application", ratios([(mine, other) for mine, other in rounds]), "×"),
        row("import of the program up to its first paint", [mine for mine, _ in rounds], "s"),
        row("import of an empty application", [other for _, other in rounds], "s"),
        _count("modules of ours", {name for name in ours if name.partition(".")[0] in _OURS}),
        _count(
            "modules neither ours, Textual's nor the standard library's",
            {name for name in ours - empty if name.partition(".")[0] in strangers},
            ", ".join(sorted(strangers)),
        ),
    )
    return Result("imports", rows, tuple(spin.times))


def _count(name: str, modules: set[str], note: str = "") -> Row:
    return Row(name, len(modules), len(modules), len(modules), "", note=note)


def _import_s(modules: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {modules}"], check=True, cwd=Path(__file__).parent.parent)
    return time.perf_counter() - began


def _modules(modules: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _LIST.format(modules)], capture_output=True, check=True, cwd=Path(__file__).parent.parent
    )
    return set(json.loads(done.stdout))
