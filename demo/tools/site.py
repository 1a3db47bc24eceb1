"""Site generators."""

from demo.tools import Bench, Result

__all__ = ["render"]


def render(bench: Bench, _command: str) -> Result:
    """Render a documentation site."""
    rng = bench.rng
    pages = rng.randrange(200, 900)
    lines = [
        f"INFO    -  Building page guide/{n:03d}-{rng.choice(('setup', 'limits', 'faq', 'api', 'events'))}.md"
        for n in range(120)
    ]
    return Result(
        rng.uniform(5, 16),
        0,
        [*lines, f"INFO    -  Documentation built in {rng.uniform(3, 12):.2f} seconds, {pages} pages"],
    )
