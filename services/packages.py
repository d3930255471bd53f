"""What each kind of participant is proposed to see (pakke): the owner decides, this proposes.

Source: design of access; a package is a starting point and every part can be changed.
"""

from __future__ import annotations

from models.vocabulary import Level, Package, PlanType, Scope

_EVERYTHING = dict.fromkeys(Scope, Level.WRITE)
PACKAGES: dict[Package, dict[Scope, Level]] = {
    Package.COORDINATOR: _EVERYTHING,
    Package.SUBSTITUTE: _EVERYTHING,
    Package.PROFESSIONAL: {
        Scope.PRESENTATION: Level.READ,
        Scope.BACKGROUND: Level.CONTRIBUTE,
        Scope.GOALS: Level.CONTRIBUTE,
        Scope.MESSAGES: Level.WRITE,
        Scope.MEETINGS: Level.CONTRIBUTE,
        Scope.CALENDAR: Level.CONTRIBUTE,
        Scope.DOCUMENTS: Level.CONTRIBUTE,
        Scope.EVALUATION: Level.CONTRIBUTE,
        Scope.CONTACTS: Level.CONTRIBUTE,
    },
    Package.RELATIVE: {
        Scope.PRESENTATION: Level.READ,
        Scope.GOALS: Level.READ,
        Scope.MESSAGES: Level.WRITE,
        Scope.MEETINGS: Level.CONTRIBUTE,
        Scope.CALENDAR: Level.CONTRIBUTE,
        Scope.EVALUATION: Level.CONTRIBUTE,
    },
}
EVALUATED_WITHIN = 6
"""Months between two evaluations at most. Forskrift om habilitering, rehabilitering og
koordinator § 19."""
_PLANS_ONLY = frozenset({Scope.BACKGROUND, Scope.EVALUATION})
_MEETING_LOG = frozenset({Scope.GOALS, Scope.MESSAGES, Scope.MEETINGS})


def parts(package: Package, plan_type: PlanType) -> dict[Scope, Level]:
    """Scope -> proposed level, for the parts a plan of this type has."""
    return {s: level for s, level in PACKAGES[package].items() if s in scopes(plan_type)}


def scopes(plan_type: PlanType) -> frozenset[Scope]:
    """The parts a plan of this type has."""
    if plan_type is PlanType.MEETING_LOG:
        return _MEETING_LOG
    if plan_type is PlanType.SIMPLE_COLLABORATION:
        return frozenset(Scope) - _PLANS_ONLY
    return frozenset(Scope)
