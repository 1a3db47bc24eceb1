"""Maven with Surefire."""

from demo.tools import Bench, Result
from demo.tools.words import JARS, kb, semver

__all__ = ["verify"]


def verify(bench: Bench, _command: str) -> Result:
    """Run a Maven build; fails with the revision's failing tests."""
    rng = bench.rng
    failing = bench.fact("failing_tests", ())
    long_log = int(bench.fact("log_lines", 0))

    def lines() -> list[str]:
        out = ["[INFO] Scanning for projects...", "[INFO] ", "[INFO] Building search-index 4.12.0-SNAPSHOT", "[INFO] "]
        for jar in (jar for _ in range(6) for jar in rng.sample(JARS, 12)):
            version = semver(rng)
            leaf = jar.rpartition("/")[2]
            url = f"https://repo.maven.apache.org/maven2/{jar}/{version}/{leaf}-{version}.jar"
            out += [
                f"[INFO] Downloading from central: {url}",
                f"[INFO] Downloaded from central: {url} ({kb(rng)} at {kb(rng)}/s)",
            ]
        out += ["[INFO] ", "[INFO] --- surefire:3.5.2:test (default-test) @ search-index ---", "[INFO]  T E S T S"]
        ran = 0
        for number in range(max(46, long_log // 3)):
            count = rng.randrange(3, 18)
            ran += count
            name = (
                f"com.example.search.{_PACKAGES[number % len(_PACKAGES)]}.{_CLASSES[(number * 5) % len(_CLASSES)]}Test"
            )
            harness, took = f"{name.rpartition('.')[0]}.Harness", f"{rng.uniform(0.01, 3):.3f} s"
            at = f"03:{rng.randrange(60):02d}:{rng.randrange(60):02d}.{rng.randrange(1000):03d}"
            out += [
                f"[INFO] Running {name}",
                f"{at} [main] DEBUG {harness} - segment flushed in {rng.randrange(1, 90)} ms",
                f"[INFO] Tests run: {count}, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: {took}",
            ]
        return out + (_failed(failing, ran) if failing else _passed(ran))

    return Result(rng.uniform(40, 80), 1 if failing else 0, lines)


def _passed(ran: int) -> list[str]:
    return [f"[INFO] Tests run: {ran}, Failures: 0, Errors: 0, Skipped: 2", "[INFO] BUILD SUCCESS"]


def _failed(failing: list[tuple[str, str, str]], ran: int) -> list[str]:
    out = []
    for suite, name, message in failing:
        out += [
            f"[ERROR] Tests run: 12, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 1 s <<< FAILURE! -- in {suite}",
            f"[ERROR] {suite}.{name} -- Time elapsed: 0.042 s <<< FAILURE!",
            *message.split("\n"),
            "",
        ]
    first = failing[0][0].rpartition(".")[2]
    goal = "org.apache.maven.plugins:maven-surefire-plugin:3.5.2:test (default-test)"
    return [
        *out,
        "[INFO] ",
        "[INFO] Results:",
        "[INFO] ",
        "[ERROR] Failures: ",
        *(
            f"[ERROR]   {suite.rpartition('.')[2]}.{name}:88 {message.splitlines()[0]}"
            for suite, name, message in failing
        ),
        "[INFO] ",
        f"[ERROR] Tests run: {ran}, Failures: {len(failing)}, Errors: 0, Skipped: 2",
        "[INFO] ",
        "[INFO] BUILD FAILURE",
        f"[ERROR] Failed to execute goal {goal} on project search-index: There are test failures. [{first}]",
        "[ERROR] -> [Help 1]",
    ]


_PACKAGES = ("analysis", "index", "query", "rank", "suggest", "sync", "shard")
_CLASSES = (
    "Tokenizer",
    "Merge",
    "Scorer",
    "Synonym",
    "Facet",
    "Cursor",
    "Snapshot",
    "Replica",
    "Stemmer",
    "Highlight",
    "Codec",
)
