"""Seeing a plan as one of its participants does (sjå som): both criteria, and no writing.

Whoever owns the plan, or acts for its owner, walks it as somebody they have let in. Read is
what the participant AND the viewer may read, so that nobody sees more by it; the log says the
viewer's name. GDPR art. 7(1), 12: a consent is understood by who sees what comes of it.
"""

from __future__ import annotations

from dataclasses import replace

from security.access import Access
from security.actor import Actor
from security.policy import Forbidden


class OnlySees(Forbidden):
    """Whoever sees a plan as somebody else changes nothing."""


def seen_as(viewer: Actor, person_id: int) -> Actor:
    """The viewer, reading with the participant's eyes."""
    return replace(viewer, person_id=person_id, viewer_id=viewer.person_id)


def may_be_seen(access: Access | None) -> bool:
    """Whether a plan can be seen as who has this access: somebody a yes has let in."""
    return access is not None and bool(access.grants) and not access.owners_side


def may_see(access: Access | None) -> bool:
    """Whether who has this access may see the plan as others do."""
    return access is not None and access.owners_side
