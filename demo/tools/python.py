"""pip, pytest and the linters of Python."""

from demo.tools import Bench, Result
from demo.tools.words import WHEELS, kb, semver

__all__ = ["install", "lint", "test"]


def install(bench: Bench, _command: str) -> Result:
    """Install wheels."""
    rng = bench.rng

    def lines() -> list[str]:
        names = rng.sample(WHEELS, rng.randrange(28, 44))
        out = ["Looking in indexes: https://pypi.example.com/simple"]
        pinned = []
        for name in names:
            version = semver(rng)
            pinned.append(f"{name}-{version}")
            out += [
                f"Collecting {name}=={version} (from -r requirements.txt (line {len(pinned)}))",
                f"  Downloading {name}-{version}-cp312-cp312-manylinux_2_28_x86_64.whl ({kb(rng)})",
                f"     \x1b[90m{'━' * 40}\x1b[0m \x1b[32m{kb(rng)}\x1b[0m eta \x1b[36m0:00:00\x1b[0m",
            ]
        return [
            *out,
            "Installing collected packages: " + ", ".join(names),
            "Successfully installed " + " ".join(pinned),
        ]

    return Result(rng.uniform(14, 34), 0, lines)


def test(bench: Bench, _command: str) -> Result:
    """Run pytest; fails with the revision's failing tests."""
    rng = bench.rng
    failing = bench.fact("failing_tests", ())

    def lines() -> list[str]:
        files = [f"tests/test_{name}.py" for name in rng.sample(_MODULES, 18)]
        counts = [rng.randrange(6, 40) for _ in files]
        total = sum(counts) + len(failing)
        out = [
            "============================= test session starts ==============================",
            "platform linux -- Python 3.12.8, pytest-8.4.1, pluggy-1.6.0 -- /root/.pyenv/versions/3.12.8/bin/python",
            f"rootdir: {bench.root}",
            f"collected {total} items",
            "",
        ]
        done = 0
        for path, count in zip(files, counts, strict=True):
            for number in range(count):
                done += 1
                out.append(f"{path}::test_{_CASES[number % len(_CASES)]}_{number} PASSED [{done * 100 // total:3d}%]")
        out += [f"{suite}::{name} FAILED [100%]" for suite, name, _ in failing]
        if failing:
            out += ["", "=================================== FAILURES ==================================="]
            for _, name, message in failing:
                out += [f"{f' {name} ':_^80}", "", *message.split("\n"), ""]
            out.append("=========================== short test summary info ============================")
            out += [
                f"FAILED {suite}::{name} - {message.splitlines()[-1].lstrip('E ')}" for suite, name, message in failing
            ]
        bad = f"{len(failing)} failed, " if failing else ""
        return [*out, f"{f' {bad}{total - len(failing)} passed in {rng.uniform(9, 60):.2f}s ':=^80}"]

    return Result(rng.uniform(12, 45), 1 if failing else 0, lines)


def lint(bench: Bench, _command: str) -> Result:
    """Run a linter."""
    return Result(bench.rng.uniform(1, 6), 0, ["All checks passed!"])


_MODULES = [
    "accounts",
    "amounts",
    "api",
    "audit",
    "auth",
    "batches",
    "calendar",
    "cache",
    "cli",
    "config",
    "currency",
    "dates",
    "db",
    "emails",
    "events",
    "export",
    "fees",
    "health",
    "importer",
    "interest",
    "invoices",
    "journal",
    "ledger",
    "limits",
    "locks",
    "models",
    "orders",
    "postings",
    "queue",
    "rates",
    "reports",
    "retry",
    "rounding",
    "search",
    "sessions",
    "statements",
    "storage",
    "tasks",
    "tax",
    "tokens",
    "transfers",
    "users",
    "views",
    "webhooks",
]
_CASES = [
    "accepts",
    "rejects",
    "rounds",
    "retries",
    "merges",
    "stores",
    "lists",
    "parses",
    "renders",
    "keeps",
    "drops",
    "orders",
    "signs",
    "expires",
]
