"""npm, Jest, ESLint and a bundler."""

from demo.tools import Bench, Result
from demo.tools.words import PACKAGES, kb, semver

__all__ = ["bundle", "install", "lint", "test"]


def install(bench: Bench, _command: str) -> Result:
    """Install packages; fails where the revision names one that does not exist."""
    rng = bench.rng
    missing = bench.fact("missing_dependency")
    if missing:
        return Result(rng.uniform(6, 11), 1, lambda: _not_found(missing))
    count = rng.randrange(700, 1600)

    def lines() -> list[str]:
        out = [f"npm warn deprecated {name}@{semver(rng)}: {why}" for name, why in rng.sample(_DEPRECATED, 6)]
        for number in range(rng.randrange(90, 160)):
            name = rng.choice(PACKAGES)
            took = rng.randrange(8, 900)
            url = f"https://npm.example.com/{name}/-/{name}-{semver(rng)}.tgz"
            out.append(f"npm http fetch GET 200 {url} {took}ms (cache miss)")
            if number % 40 == 39:
                out.append(f"npm timing reify:rollback:createSparse Completed in {rng.randrange(9, 80)}ms")
        out += [
            "",
            f"added {count} packages, and audited {count + 1} packages in {rng.randrange(18, 60)}s",
            "",
            f"{count // 6} packages are looking for funding",
            "  run `npm fund` for details",
            "",
            f"{rng.randrange(2, 9)} moderate severity vulnerabilities",
            "",
            "To address all issues, run:",
            "  npm audit fix",
        ]
        return out

    return Result(rng.uniform(18, 42), 0, lines)


def _not_found(package: str) -> list[str]:
    return [
        f"npm http fetch GET 404 https://npm.example.com/{package.replace('/', '%2f')} 213ms (cache skip)",
        "npm error code E404",
        f"npm error 404 Not Found - GET https://npm.example.com/{package.replace('/', '%2f')} - Not found",
        "npm error 404",
        f"npm error 404  '{package}@^3.2.0' is not in this registry.",
        "npm error 404",
        "npm error 404 Note that you can also install from a",
        "npm error 404 tarball, folder, http url, or git folder.",
        "npm error A complete log of this run can be found in: /root/.npm/_logs/2026-11-22T04_11_09_512Z-debug-0.log",
    ]


def test(bench: Bench, _command: str) -> Result:
    """Run Jest; fails with the revision's failing tests."""
    rng = bench.rng
    failing = bench.fact("failing_tests", ())

    def lines() -> list[str]:
        out = ["", "> test", "> jest --ci --coverage=false", ""]
        badge = "\x1b[0m\x1b[7m\x1b[1m\x1b[32m PASS \x1b[39m\x1b[22m\x1b[27m\x1b[0m"
        out += [f"{badge} src/{_unit(number)}.test.ts" for number in range(rng.randrange(40, 80))]
        for suite, name, message in failing:
            out += [
                f"\x1b[0m\x1b[7m\x1b[1m\x1b[31m FAIL \x1b[39m\x1b[22m\x1b[27m\x1b[0m src/{suite}.test.ts",
                f"  \x1b[1m\x1b[31m● {suite} › {name}\x1b[39m\x1b[22m",
                "",
                *(f"    {line}" for line in message.split("\n")),
                "",
            ]
        total = rng.randrange(310, 560)
        good = f"\x1b[1m\x1b[32m{total} passed\x1b[39m\x1b[22m"
        bad = f"\x1b[1m\x1b[31m{len(failing)} failed\x1b[39m\x1b[22m, " if failing else ""
        out += [
            f"\x1b[1mTests:       \x1b[22m{bad}{good}, {total + len(failing)} total",
            "\x1b[1mSnapshots:   \x1b[22m0 total",
            f"\x1b[1mTime:\x1b[22m        {rng.uniform(14, 40):.3f} s",
        ]
        if failing:
            out += ["npm error Lifecycle script `test` failed with error:", "npm error code 1"]
        return out

    return Result(rng.uniform(15, 38), 1 if failing else 0, lines)


def lint(bench: Bench, _command: str) -> Result:
    """Run ESLint."""
    return Result(bench.rng.uniform(3, 9), 0, ["", "> lint", "> eslint . --max-warnings 0", ""])


def bundle(bench: Bench, _command: str) -> Result:
    """Bundle the application; the kernel kills it where memory does not suffice."""
    rng = bench.rng
    needed = int(bench.fact("memory_mb", 900))
    killed = needed > bench.memory_mb

    def lines() -> list[str]:
        modules = rng.randrange(1800, 4200)
        out = ["", "> build", "> webpack --mode production", ""]
        used = 220
        for number in range(60 if killed else 34):
            used = min(used + rng.randrange(40, 160), needed, bench.memory_mb)
            done = min(95, number * 3)
            out.append(
                f"<s> [webpack.Progress] {done}% building {min(modules, number * 90)}/{modules} modules heap={used} MB"
            )
        if killed:
            return [*out, "Killed", "npm error signal SIGKILL", "npm error command sh -c webpack --mode production"]
        out += [
            f"asset {name}.{rng.randrange(16**8):08x}.js {kb(rng)} [emitted] [immutable] [minimized]"
            for name in _ASSETS
        ]
        return [*out, f"webpack 5.99.{rng.randrange(9)} compiled successfully in {rng.randrange(21000, 69000)} ms"]

    return Result(rng.uniform(24, 55), 137 if killed else 0, lines)


def _unit(number: int) -> str:
    return f"{_FOLDERS[number % len(_FOLDERS)]}/{_UNITS[(number * 7) % len(_UNITS)]}"


_FOLDERS = ("cart", "pricing", "session", "catalogue", "address", "tax", "voucher", "api", "hooks", "util")
_UNITS = (
    "list",
    "total",
    "reducer",
    "format",
    "client",
    "guard",
    "retry",
    "parse",
    "store",
    "locale",
    "queue",
    "limit",
    "merge",
)
_ASSETS = ("main", "vendor", "runtime", "checkout", "account", "search")
_DEPRECATED = (
    ("inflight", "This module is not supported, and leaks memory."),
    ("glob", "Glob versions prior to v9 are no longer supported"),
    ("rimraf", "Rimraf versions prior to v4 are no longer supported"),
    ("abab", "Use your platform's native atob() and btoa() methods instead"),
    ("domexception", "Use your platform's native DOMException instead"),
    ("@humanwhocodes/config-array", "Use @eslint/config-array instead"),
    ("source-map-url", "See https://github.com/lydell/source-map-url#deprecated"),
)
