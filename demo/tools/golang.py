"""The go command."""

from demo.tools import Bench, Result

__all__ = ["go"]


def go(bench: Bench, _command: str) -> Result:
    """Build or test modules."""
    rng = bench.rng

    def lines() -> list[str]:
        out = [
            f"go: downloading github.com/example/{name} v1.{rng.randrange(40)}.{rng.randrange(9)}" for name in _MODULES
        ]
        return out + [
            f"ok  \tgithub.com/example/edge/{name}\t{rng.uniform(0.01, 9):.3f}s\t"
            f"coverage: {rng.uniform(50, 96):.1f}% of statements"
            for name in _MODULES * 3
        ]

    return Result(rng.uniform(12, 35), 0, lines)


_MODULES = ("router", "limiter", "cache", "tls", "rules", "store", "probe", "audit", "geo", "flags", "proxy", "queue")
