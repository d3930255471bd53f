"""What a provider keeps for a short while, and gives out once (hylle)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_urlsafe
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """Things under secret names; each is gone when it is taken, or when its time is out."""

    def __init__(self, now: Callable[[], datetime], seconds: int, prefix: str = "") -> None:
        self._now, self._lives, self._prefix = now, timedelta(seconds=seconds), prefix
        self._kept: dict[str, tuple[T, datetime]] = {}
        self._lock = Lock()

    def put(self, thing: T) -> str:
        name = self._prefix + token_urlsafe(32)
        with self._lock:
            self._kept[name] = (thing, self._now() + self._lives)
        return name

    def look(self, name: str) -> T | None:
        with self._lock:
            thing, until = self._kept.get(name, (None, self._now()))
        return thing if self._now() < until else None

    def take(self, name: str) -> T | None:
        thing = self.look(name)
        with self._lock:
            return thing if self._kept.pop(name, None) else None
