"""A small model of one plan's consent: who may read and write what, by the rules as they are told.

It knows nothing of the product: no row, no query, no service. Two parents decide for a child
until its sixteenth birthday; each move answers whether it is allowed, and changes the model only
then. `level` is what somebody has at this moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
ORDER = ("read", "contribute", "write")
PARENTS = ("mother", "father")
CHILD = "child"
LEADS = "newcomer"
GRACE = timedelta(days=60)
ALL = (
    "presentation", "background", "goals", "messages", "meetings", "calendar", "documents",
    "evaluation", "contacts",
)  # fmt: skip
IN_A_PLAN = {"background", "evaluation"}
_PROFESSIONAL = dict.fromkeys(ALL, "contribute") | {"presentation": "read", "messages": "write"}
_RELATIVE = {
    "presentation": "read", "goals": "read", "messages": "write", "meetings": "contribute",
    "calendar": "contribute", "evaluation": "contribute",
}  # fmt: skip
PACKAGES = {
    "teacher": _PROFESSIONAL, "nurse": _PROFESSIONAL, "grandmother": _RELATIVE,
    LEADS: dict.fromkeys(ALL, "write"),
}  # fmt: skip
TEAM = tuple(PACKAGES)
Where = tuple[str, str]


def end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), OSLO)


def least(one: str, other: str) -> str:
    return min(one, other, key=ORDER.index)


@dataclass
class Waiting:
    """What is asked now: whom, which parts and how far; and what has been said so far."""

    kind: str
    sent: bool = False
    lines: dict[Where, str] = field(default_factory=dict)
    said: dict[str, dict[Where, str | None]] = field(default_factory=dict)
    until: dict[str, date] = field(default_factory=dict)


@dataclass
class Key:
    level: str
    ends: datetime
    open: bool = True


@dataclass
class Model:
    """now: aware. birthday: from when the child decides; full_age: until when parents act."""

    now: datetime
    birthday: date
    full_age: date
    kind: str = "simple_collaboration"
    status: str = "draft"
    alive: bool = True
    leads: bool = True
    state: dict[str, str] = field(default_factory=dict)
    waiting: Waiting | None = None
    signed_until: datetime | None = None  # of the consent that is in force, also when it ran out
    keys: dict[Where, Key] = field(default_factory=dict)
    paused: dict[str, str] = field(default_factory=dict)

    # Who is who

    @property
    def today(self) -> date:
        return self.now.astimezone(OSLO).date()

    def decides(self, who: str) -> bool:
        grown = self.today >= self.birthday
        return who == CHILD if grown else who in PARENTS

    @property
    def is_open(self) -> bool:
        return self.alive and self.status in ("draft", "active")

    def level(self, who: str, part: str) -> str | None:
        if who in PARENTS:
            return "write" if self.today < self.full_age else None
        if who == CHILD:
            return "write"
        key = self.keys.get((who, part))
        return key.level if key and key.open and self.now < key.ends else None

    def is_in(self, who: str) -> bool:
        return any(self.level(who, part) for part in ALL)

    def _has_keys(self, who: str) -> bool:
        """Not taken back; they may have run out."""
        return any(key.open for (one, _), key in self.keys.items() if one == who)

    # Preparing

    def _prepares(self) -> bool:
        return self.leads and self.is_open

    def _fresh(self, kind: str) -> Waiting:
        """What waits if nobody has signed it and it asks for the same kind; else a new one with
        everybody who takes part."""
        if self.waiting and self.waiting.kind == kind and not self.waiting.said:
            return self.waiting
        self.waiting = Waiting(kind)
        for who, state in self.state.items():
            if self.leads if who == LEADS else state != "gone":
                self._ask(self.waiting, who)
        return self.waiting

    def _ask(self, waiting: Waiting, who: str) -> None:
        for part, level in PACKAGES[who].items():
            if part not in IN_A_PLAN or waiting.kind == "individual_plan":
                waiting.lines.setdefault((who, part), level)

    def propose(self, who: str) -> bool:
        if not self._prepares() or self.state.get(who, "gone") != "gone":
            return False
        self.state[who] = "asked"
        self._ask(self._fresh(self.kind), who)
        return True

    def send(self) -> bool:
        if not self._prepares():
            return False
        waiting = self._fresh(self.kind)
        if not waiting.lines:
            self.waiting = None  # nothing was stored
            return False
        waiting.sent = True
        return True

    def convert(self) -> bool:
        grows = self.status == "active" and self.kind == "simple_collaboration"
        if not self._prepares() or not grows:
            return False
        self._fresh("individual_plan").sent = True
        return True

    # Saying yes and no

    def sign(self, who: str, said: dict[Where, str | None], until: date) -> bool:
        waiting = self.waiting
        if not (waiting and waiting.sent and self.is_open and self.decides(who)):
            return False
        if who in waiting.said:
            return False
        waiting.said[who] = {line: said.get(line) for line in waiting.lines}
        waiting.until[who] = until
        if all(one in waiting.said for one in PARENTS):
            self._take_force(waiting)
        return True

    def _take_force(self, waiting: Waiting) -> None:
        until = min(end_of(min(waiting.until.values())), end_of(self.birthday + GRACE))
        self.keys = {}
        inside = set()
        for (who, part), asked in waiting.lines.items():
            levels = [said[who, part] for said in waiting.said.values()]
            if all(levels):
                level = asked
                for one in levels:
                    level = least(level, one or level)
                inside.add(who)
                self.keys[who, part] = Key(level, until, who not in self.paused)
        asked_about = {who for who, _ in waiting.lines}
        for who, state in self.state.items():
            if who in inside:
                self.state[who] = "in"
            elif who in asked_about or state == "in":
                self.state[who] = "gone"
        self.paused = {who: by for who, by in self.paused.items() if who in inside}
        self.kind, self.status, self.signed_until = waiting.kind, "active", until
        self.waiting = None

    # Taking back

    def _takes_back(self, who: str) -> bool:
        return self.is_open and self.decides(who)

    def _undo_signatures(self) -> bool:
        if self.waiting and self.waiting.said:
            self.waiting = None
            return True
        return False

    def withdraw(self, by: str, who: str) -> bool:
        if not self._takes_back(by) or not (self._has_keys(who) or who in self.paused):
            return False
        self._out(who)
        self._undo_signatures()
        return True

    def _out(self, who: str) -> None:
        for (one, _), key in self.keys.items():
            key.open = key.open and one != who
        self.paused.pop(who, None)
        self.state[who] = "gone"

    def withdraw_all(self, by: str) -> bool:
        if not self._takes_back(by):
            return False
        undone = self._undo_signatures()
        if self.signed_until is None:
            return undone
        for who in TEAM:
            if self._has_keys(who) or who in self.paused:
                self._out(who)
        self.keys, self.signed_until = {}, None
        return True

    def narrow(self, by: str, who: str, part: str, level: str | None) -> bool:
        if not self._takes_back(by) or not self._has_keys(who):
            return False
        key = self.keys.get((who, part))
        if key is None or not key.open or (level and least(level, key.level) == key.level):
            return True  # allowed, and nothing to do
        if level is None:
            key.open = False
            if not self._has_keys(who):
                self._out(who)
        else:
            key.level = level
        self._undo_signatures()
        return True

    def pause(self, by: str, who: str) -> bool:
        if not self._takes_back(by) or not self._has_keys(who):
            return False
        for place, key in list(self.keys.items()):
            if place[0] == who and not key.open:
                del self.keys[place]  # taken back before: the pause does not bring it again
            elif place[0] == who:
                key.open = False
        self.paused[who] = by
        return True

    def resume(self, by: str, who: str) -> bool:
        if not self._takes_back(by) or self.paused.get(who) != by:
            return False
        del self.paused[who]
        for place, key in self.keys.items():
            if place[0] == who:
                key.open = self.signed_until is not None and self.now < key.ends
        return True

    def leave(self, who: str) -> bool:
        if not self.is_open or not self.is_in(who) or who == LEADS:
            return False
        self._out(who)
        return True

    # What happens by itself, and around it

    def nightly(self) -> None:
        """Nothing that anybody sees is opened or shut by it, but for a coordinator who is not
        appointed any more."""
        if self.signed_until is not None and self.signed_until <= self.now:
            self.signed_until = None
        if not self.leads and self._has_keys(LEADS):
            for (who, _), key in self.keys.items():
                key.open = key.open and who != LEADS
