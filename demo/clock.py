"""The account's clock: real time by default, and it can be frozen, advanced or sped up."""

import time
from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """Seconds since the epoch as the account sees them.

    Args:
        at: the moment to start from; now when absent.
        speed: virtual seconds that pass in one real second.
        frozen: whether time stands still until it is advanced or resumed.
        monotonic: source of real seconds, for tests.
    """

    __slots__ = ("_frozen", "_monotonic", "_real", "_speed", "_virtual")

    def __init__(
        self,
        at: float | None = None,
        *,
        speed: float = 1.0,
        frozen: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._virtual = time.time() if at is None else at
        self._real = monotonic()
        self._speed = speed
        self._frozen = frozen

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen

    @property
    def speed(self) -> float:
        """Virtual seconds in one real second while the clock is not frozen."""
        return self._speed

    def now(self) -> float:
        """Return the account's time in seconds since the epoch."""
        if self._frozen:
            return self._virtual
        return self._virtual + (self._monotonic() - self._real) * self._speed

    def freeze(self, at: float | None = None) -> None:
        """Stop time, at the given moment if there is one."""
        self._rebase(at)
        self._frozen = True

    def resume(self) -> None:
        """Let time go on from where it stood."""
        self._rebase()
        self._frozen = False

    def advance(self, seconds: float) -> None:
        """Jump ahead by so many seconds.

        Raises:
            ValueError: seconds is negative; time never runs backwards, because logs and histories depend on it.
        """
        if seconds < 0:
            raise ValueError(f"the clock cannot go back {-seconds} s")
        self._rebase(self.now() + seconds)

    def set_speed(self, speed: float) -> None:
        """Change how fast time passes from now on."""
        self._rebase()
        self._speed = speed

    def _rebase(self, at: float | None = None) -> None:
        self._virtual = self.now() if at is None else at
        self._real = self._monotonic()
