"""A person signed in at the provider (single sign-on): 30 minutes unused, 120 in all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe
from threading import Lock

from deploy.test_provider.registered import TestPerson

IDLE, LONGEST = timedelta(minutes=30), timedelta(minutes=120)


@dataclass
class Session:
    """sid: what services know it by; never what stands in the cookie."""

    person: TestPerson
    acr: str
    auth_time: datetime
    used: datetime
    sid: str = field(default_factory=lambda: token_urlsafe(16))
    clients: set[str] = field(default_factory=set)


class Sessions:
    """Those who are signed in now, by the secret in their cookie."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now, self._lock = now, Lock()
        self._open: dict[str, Session] = {}

    def of(self, cookie: str) -> Session | None:
        """The session of a browser, if it is alive; it is used by this."""
        now = self._now()
        with self._lock:
            found = self._open.get(cookie)
            if found is None or now - found.used > IDLE or now - found.auth_time > LONGEST:
                self._open.pop(cookie, None)
                return None
            found.used = now
            return found

    def sign_in(self, before: str, person: TestPerson, acr: str) -> tuple[str, Session]:
        """A new cookie; who signs in once more keeps `sid` and the services signed in to."""
        now = self._now()
        with self._lock:
            found = self._open.pop(before, None)
            if found is None or found.person != person:
                found = Session(person, acr, now, now)
            found.acr, found.auth_time, found.used = acr, now, now
            cookie = token_urlsafe(32)
            self._open[cookie] = found
        return cookie, found

    def end(self, sid: str) -> Session | None:
        """Sign out everywhere; the session that was, or None when it has ended already."""
        with self._lock:
            for cookie, found in self._open.items():
                if found.sid == sid:
                    return self._open.pop(cookie)
        return None
