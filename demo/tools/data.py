"""Data jobs, which talk a lot."""

from demo.tools import Bench, Result

__all__ = ["transform"]


def transform(bench: Bench, command: str) -> Result:
    """Run a Spark-like job; a revision says how many lines it prints."""
    rng = bench.rng
    wanted = int(bench.fact("log_lines", 400))

    def lines() -> list[str]:
        out = []
        for number in range(wanted):
            stage, task = divmod(number, 200)
            kind = number % 17
            if kind == 0:
                out.append(
                    f"26/11/22 03:{number // 1000 % 60:02d}:{number % 60:02d} INFO DAGScheduler: Submitting 200 missing tasks from stage {stage}.0"
                )
            elif kind == 7:
                out.append(
                    f"26/11/22 03:{number // 1000 % 60:02d}:{number % 60:02d} WARN MemoryStore: Not enough space to cache rdd_{stage}_{task} in memory! (computed {rng.randrange(20, 400)}.{number % 10} MiB so far)"
                )
            else:
                out.append(
                    f"26/11/22 03:{number // 1000 % 60:02d}:{number % 60:02d} INFO TaskSetManager: Finished task {task}.0 in stage {stage}.0 (TID {number}) in {rng.randrange(20, 2400)} ms on ip-10-0-{number % 4}-{number % 250} (executor {number % 12}) ({task}/200)"
                )
        return out

    return Result(rng.uniform(90, 160), 0, lines)
