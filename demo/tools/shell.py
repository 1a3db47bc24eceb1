"""Everything that has no tool of its own here."""

import re

from demo.tools import Bench, Result

__all__ = ["plain"]


def plain(bench: Bench, command: str) -> Result:
    """Run a shell command: echo echoes, scripts say a little; a revision may make a script fail."""
    rng = bench.rng
    failing = bench.fact("failing_command")
    if failing and failing["command"] in command:
        return Result(rng.uniform(2, 6), int(failing["exit"]), list(failing["lines"]))
    echoed = re.match(r"echo (.*)", command)
    if echoed:
        return Result(0.02, 0, [echoed[1].strip("\"'")])
    noise = bench.fact("noise", ())
    return Result(rng.uniform(0.4, 3.0), 0, [*noise, f"ok ({rng.randrange(20, 900)} ms)"])
