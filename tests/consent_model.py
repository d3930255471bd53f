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
COORDINATORS = ("newcomer", "coordinator")
GRACE = timedelta(days=60)
LONG_AGO = datetime(2000, 1, 1, tzinfo=OSLO)
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
    **{one: dict.fromkeys(ALL, "write") for one in COORDINATORS},
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
    """`since`: what is older is not read with it."""

    level: str
    since: datetime
    ends: datetime
    open: bool = True


@dataclass
class Goal:
    """Something that stands in the plan. kept_from: one parent, "both" of them, or nobody."""

    author: str
    at: datetime
    kept_from: str | None = None


@dataclass
class Decision:
    """That the owner cannot consent, from a day to another, or to no day that is known."""

    starts: date
    until: date | None


@dataclass
class Model:
    """now: aware. birthday: from when the child decides, unless it is decided that it cannot;
    full_age: until when parents act. leads: who is appointed coordinator."""

    now: datetime
    birthday: date
    full_age: date
    kind: str = "simple_collaboration"
    status: str = "draft"
    alive: bool = True
    leads: str | None = COORDINATORS[0]
    state: dict[str, str] = field(default_factory=dict)
    waiting: Waiting | None = None
    signed_until: datetime | None = None  # of the consent that is in force, also when it ran out
    keys: dict[Where, Key] = field(default_factory=dict)
    paused: dict[str, str] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)

    # Who is who

    @property
    def today(self) -> date:
        return self.now.astimezone(OSLO).date()

    @property
    def decides_from(self) -> date:
        """What is decided about a youth lasts until they are of age: then it is decided anew."""
        day = self.birthday
        for one in self.decisions:
            after = date.max if one.until is None else one.until + timedelta(days=1)
            day = max(day, min(after, self.full_age) if one.starts < self.full_age else after)
        return day

    def decides(self, who: str) -> bool:
        if self.today >= self.decides_from:
            return who == CHILD
        return who in PARENTS and self.today < self.full_age

    def must_sign(self) -> set[str]:
        return {who for who in (*PARENTS, CHILD) if self.decides(who)}

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

    def reads(self, who: str, goal: Goal) -> bool:
        """What is kept from somebody they do not read, whatever else they have."""
        if who == goal.kept_from or (who in PARENTS and goal.kept_from == "both"):
            return False
        if who == CHILD or who in PARENTS:
            return self.level(who, "goals") is not None
        mine = self.status == "draft" and who == self.leads and who == goal.author
        key = self.keys.get((who, "goals"))
        return mine or (
            self.level(who, "goals") is not None and key is not None and key.since <= goal.at
        )

    def is_in(self, who: str) -> bool:
        return any(self.level(who, part) for part in ALL)

    def _has_keys(self, who: str) -> bool:
        """Not taken back; they may have run out."""
        return any(key.open for (one, _), key in self.keys.items() if one == who)

    # Preparing

    def register(self) -> None:
        """Whoever registers the plan is to be in it, and has not asked for it yet."""
        self.state[COORDINATORS[0]] = "asked"

    def _prepares(self) -> bool:
        return self.leads is not None and self.is_open

    def _fresh(self, kind: str) -> Waiting:
        """What waits if nobody has signed it and it asks for the same kind; else a new one with
        everybody who takes part."""
        if self.waiting and self.waiting.kind == kind and not self.waiting.said:
            return self.waiting
        self.waiting = Waiting(kind)
        for who, state in self.state.items():
            if who in COORDINATORS or state != "gone":
                self._ask(self.waiting, who)
        return self.waiting

    def _ask(self, waiting: Waiting, who: str) -> None:
        if who in COORDINATORS and who != self.leads:
            return  # whoever is appointed no longer is not asked about
        for part, level in PACKAGES[who].items():
            if part not in IN_A_PLAN or waiting.kind == "individual_plan":
                waiting.lines.setdefault((who, part), level)

    def propose(self, who: str) -> bool:
        if not self._prepares() or self.state.get(who, "gone") != "gone":
            return False
        if who in COORDINATORS and who != self.leads and who not in self.state:
            return False  # only whoever is appointed comes in as a coordinator
        self.state[who] = "asked"
        self._ask(self._fresh(self.kind), who)
        return True

    def _is_asked(self, kind: str) -> bool:
        """Already, and as it is now: nothing is left to do, and nothing is done."""
        asked = self.waiting
        return bool(self.leads and asked and asked.kind == kind and asked.sent and not asked.said)

    def send(self) -> bool:
        if not self._prepares():
            return self._is_asked(self.kind)
        before, waiting = self.waiting, self._fresh(self.kind)
        if not waiting.lines:
            self.waiting = before  # nothing was stored
            return False
        waiting.sent = True
        return True

    def convert(self) -> bool:
        grows = self.status == "active" and self.kind == "simple_collaboration"
        if not self._prepares() or not grows:
            return grows and self._is_asked("individual_plan")
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
        until = min(end_of(min(waiting.until.values())), end_of(self.decides_from + GRACE))
        before, self.keys = self.keys, {}
        inside = set()
        for (who, part), asked in waiting.lines.items():
            levels = [said[who, part] for said in waiting.said.values()]
            if all(levels):
                level = asked
                for one in levels:
                    level = least(level, one or level)
                inside.add(who)
                since = self._since(who, before.get((who, part)))
                self.keys[who, part] = Key(level, since, until, who not in self.paused)
        asked_about = {who for who, _ in waiting.lines}
        for who, state in self.state.items():
            if who in inside:
                self.state[who] = "in"
            elif who in asked_about or state == "in":
                self.state[who] = "gone"
        self.paused = {who: by for who, by in self.paused.items() if who in inside}
        self.kind, self.status, self.signed_until = waiting.kind, "active", until
        self.waiting = None

    def _since(self, who: str, had: Key | None) -> datetime:
        """A coordinator works with all of it; others with what is new, and what was open to
        them until now."""
        if who in COORDINATORS:
            return LONG_AGO
        waits = who in self.paused and self.signed_until is not None
        open_ = had is not None and self.now < had.ends and (had.open or waits)
        return had.since if had is not None and open_ else self.now

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
        if self.level(by, part) is None or not self._has_keys(who):
            return False
        key = self.keys.get((who, part))
        if key is None or not key.open or (level and least(level, key.level) == key.level):
            return True  # nothing to do, and nothing is done
        if not self._takes_back(by):
            return False
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
        if not self.is_open or not self.is_in(who) or who in COORDINATORS:
            return False
        self._out(who)
        return True

    # What stands in the plan, and from whom it is kept

    def _contributes(self, who: str) -> bool:
        draft = self.status == "draft" and who == self.leads
        return self.is_open and (draft or self.level(who, "goals") in ("contribute", "write"))

    def write(self, who: str) -> bool:
        if not self._contributes(who):
            return False
        self.goals.append(Goal(who, self.now))
        return True

    def keep(self, by: str, goal: Goal, whom: str | None) -> bool:
        """By its author or the coordinator, and by no parent; never from who wrote it."""
        mine = by == goal.author
        changes = mine if self.level(by, "goals") != "write" else self.reads(by, goal)
        if not (changes and self._contributes(by) and self.reads(by, goal)):
            return False
        if by in PARENTS or not (mine or by == self.leads) or whom == goal.author:
            return False
        goal.kept_from = whom
        return True

    # What is decided elsewhere

    def appoint(self, who: str | None) -> None:
        """A new one has the shell and no more until a yes; what the old one has ends in the hour
        (`hourly`)."""
        self.leads = who

    def decide(self, starts: date, until: date | None, by_two: bool) -> bool:
        if by_two:
            self.decisions.append(Decision(starts, until))
        return by_two

    def decision_ends(self) -> None:
        self.decisions.pop()

    # What happens by itself

    def hourly(self) -> None:
        """Nothing that anybody sees is opened or shut by it, but for a coordinator who is not
        appointed any more."""
        if self.signed_until is not None and self.signed_until <= self.now:
            self.signed_until = None
        for (who, _), key in self.keys.items():
            key.open = key.open and (who not in COORDINATORS or who == self.leads)

    def daily(self) -> None:
        """What only parents have signed ends some days after another decides, also when that
        day came sooner than they knew."""
        lasts = self.signed_until is not None and self.now < self.signed_until
        if lasts and self.now >= end_of(self.decides_from + GRACE):
            for key in self.keys.values():
                key.open = False
            self.signed_until = None
