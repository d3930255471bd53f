"""What each kind of representation gives (reglar om representasjon): one table, and nothing else.

Barnelova §§ 30-33, barnevernslova § 5-4, utlendingslova § 98 d, pasient- og brukarrettslova
§§ 4-3 to 4-7, verjemålslova §§ 9, 26, 32 and 78-94. Lawyers must look it over before it is used
for real. `security.representing` says the same in SQL, for the wall around every row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from models.vocabulary import Capacity

_C = Capacity


class Until(Enum):
    """How long a kind gives something, by itself; ending the row ends it too."""

    NEVER = auto()
    OWNER_DECIDES = auto()
    MAJORITY = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one kind gives, and what it takes.

    signs, reads: until when. instead_of: kinds that do not sign while this one does.
    document: somebody has to say where the paper lies. second_person: counts when another
    person has confirmed it. personal_matters: counts when the mandate covers them.
    competence_decision: counts while it is decided, and confirmed, that a grown-up owner
    cannot consent (models.competence).
    """

    signs: Until
    reads: Until
    instead_of: frozenset[Capacity] = frozenset()
    document: bool = False
    second_person: bool = False
    personal_matters: bool = False
    competence_decision: bool = False

    @property
    def decides_for_a_child(self) -> bool:
        return self.signs is not Until.NEVER and not self.competence_decision

    @property
    def decides_for_a_grown_up(self) -> bool:
        """Without anybody having decided that the owner cannot."""
        return self.signs is Until.ENDED and not self.competence_decision


_PARENTS = frozenset({_C.PARENTAL_RESPONSIBILITY})
INFORMED = Rule(signs=Until.NEVER, reads=Until.NEVER)
_PARENT = Rule(signs=Until.OWNER_DECIDES, reads=Until.MAJORITY)
_IN_THEIR_PLACE = replace(_PARENT, instead_of=_PARENTS, document=True, second_person=True)
_LASTING = Rule(signs=Until.ENDED, reads=Until.ENDED)
_BY_MANDATE = replace(_LASTING, document=True, second_person=True, personal_matters=True)

RULES: dict[Capacity, Rule] = {
    _C.PARENTAL_RESPONSIBILITY: _PARENT,
    _C.CHILD_WELFARE: _IN_THEIR_PLACE,
    _C.MINOR_REPRESENTATIVE: _IN_THEIR_PLACE,
    _C.GUARDIAN: _BY_MANDATE,
    _C.POWER_OF_ATTORNEY: _BY_MANDATE,
    _C.FUTURE_POWER_OF_ATTORNEY: replace(_BY_MANDATE, competence_decision=True),
    _C.NEXT_OF_KIN: replace(_LASTING, competence_decision=True),
    _C.PARENT_INFORMED: INFORMED,
    _C.FOSTER_PARENT: INFORMED,
}
"""Every kind but the owner."""

STANDS_BACK_FOR: dict[Capacity, frozenset[Capacity]] = {
    kind: frozenset(other for other, rule in RULES.items() if kind in rule.instead_of)
    for kind in RULES
}
"""Kind -> those that sign in its place, when there is one."""
HAS_MANDATE = frozenset(kind for kind, rule in RULES.items() if rule.personal_matters)
UNTIL_THE_OWNER_DECIDES = frozenset(
    kind for kind, rule in RULES.items() if rule.signs is Until.OWNER_DECIDES
)
