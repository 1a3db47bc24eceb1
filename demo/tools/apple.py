"""Xcode and fastlane, as far as a Linux build can drive them."""

from demo.tools import Bench, Result

__all__ = ["archive"]


def archive(bench: Bench, command: str) -> Result:
    """Build the application; a revision may hang in its simulator."""
    rng = bench.rng
    if bench.fact("hangs") and "scan" in command:
        waiting = [f"[{n // 60:02d}h{n % 60:02d}]: Waiting for the simulator to boot ..." for n in range(1, 40000)]
        return Result(30 * 86400.0, 0, waiting)

    def lines() -> list[str]:
        out = []
        for number in range(rng.randrange(120, 220)):
            unit = f"{rng.choice(_PARTS)}{rng.choice(_KINDS)}"
            out.append(f"▸ Compiling {unit}.swift" if number % 5 else f"▸ Linking {unit}")
        return [*out, "▸ Archive Succeeded"]

    return Result(rng.uniform(60, 140), 0, lines)


_PARTS = ("Login", "Cart", "Profile", "Feed", "Camera", "Payment", "Search", "Push", "Offline", "Theme")
_KINDS = ("View", "ViewModel", "Router", "Store", "Client", "Cell", "Service", "Tests")
