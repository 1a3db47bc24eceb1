"""Data jobs, which talk a lot."""

from demo.tools import Bench, Result

__all__ = ["transform"]


def transform(bench: Bench, _command: str) -> Result:
    """Run a Spark-like job; a revision says how many lines it prints."""
    rng = bench.rng
    wanted = int(bench.fact("log_lines", 400))

    def lines() -> list[str]:
        return [_line(number, rng.randrange(20, 2400)) for number in range(wanted)]

    return Result(rng.uniform(90, 160), 0, lines)


def _line(number: int, took: int) -> str:
    stage, task = divmod(number, 200)
    stamp = f"26/11/22 03:{number // 1000 % 60:02d}:{number % 60:02d}"
    if number % 17 == 0:
        return f"{stamp} INFO DAGScheduler: Submitting 200 missing tasks from stage {stage}.0"
    if number % 17 == 7:
        block, size = f"rdd_{stage}_{task}", f"{took / 10:.1f} MiB"
        return f"{stamp} WARN MemoryStore: Not enough space to cache {block} in memory! (computed {size} so far)"
    where = f"ip-10-0-{number % 4}-{number % 250} (executor {number % 12})"
    return (
        f"{stamp} INFO TaskSetManager: Finished task {task}.0 in stage {stage}.0 in {took} ms on {where} ({task}/200)"
    )
