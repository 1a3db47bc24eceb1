"""Faults laid over the account for tests: errors, slowness, reset connections, for chosen calls."""

from dataclasses import asdict, dataclass
from typing import Any

from demo.wire.protocol import Call

__all__ = ["Fault", "Faults"]

# The HTTP status AWS sends with a code, where it is not 400.
_STATUS = {"InternalFailure": 500, "ServiceUnavailable": 503, "InternalServerError": 500, "ExpiredToken": 403}


@dataclass(slots=True)
class Fault:
    """What happens to calls that match: ``*`` matches everything, ``count`` is how often (for ever when absent)."""

    id: int
    service: str = "*"
    operation: str = "*"
    region: str = "*"
    code: str = ""
    message: str = ""
    status: int = 0
    count: int | None = None
    latency_ms: float = 0.0
    reset: bool = False

    def matches(self, call: Call) -> bool:
        """Tell whether a call is meant."""
        return (
            self.service in {"*", call.service}
            and self.operation in {"*", call.operation}
            and self.region in {"*", call.region}
        )

    @property
    def http_status(self) -> int:
        """The status to send."""
        return self.status or _STATUS.get(self.code, 400)


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._next = 1

    def add(self, wanted: dict[str, Any]) -> int:
        """Lay a fault over the account and return its id.

        Raises:
            TypeError: a field that faults do not have.
        """
        fault = Fault(id=self._next, **{name: value for name, value in wanted.items() if value is not None})
        self._next += 1
        self._faults.append(fault)
        return fault.id

    def clear(self, number: int | None = None) -> None:
        """Remove one fault, or all."""
        self._faults = [] if number is None else [fault for fault in self._faults if fault.id != number]

    def listed(self) -> list[dict[str, Any]]:
        """The faults in force as plain values."""
        return [asdict(fault) for fault in self._faults]

    def meet(self, call: Call) -> tuple[float, Fault | None]:
        """Return the delay in seconds and the fault, if any, that a call meets, and count it."""
        if not self._faults:
            return 0.0, None
        delay, hit = 0.0, None
        for fault in list(self._faults):
            if not fault.matches(call) or (hit is not None and (fault.code or fault.reset)):
                continue
            delay += fault.latency_ms / 1000
            if fault.code or fault.reset:
                hit = fault
            if fault.count is not None:
                fault.count -= 1
                if fault.count <= 0:
                    self._faults.remove(fault)
        return delay, hit
