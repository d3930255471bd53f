"""Who is acting (aktør). Frozen and free of the session, so that policy stays pure."""

from __future__ import annotations

from dataclasses import dataclass

from models.language import Language
from models.look import NO_LOOK, Look
from models.vocabulary import OFFICE_ROLES, SECOND_PERSONS, Role, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One human in one municipality: the active membership of this login.

    `more_hats`: whether the account has other memberships; `phone`: the municipality's.
    `parts`: of plans, that are open to this way of signing in (security.by_password).
    `viewer_id`: who really looks, when the plan is seen as `person_id` sees it
    (security.seeing); all the rest is the viewer's.
    `paper_id`: the paper `person_id` has signed by hand, which is made a signature now by
    `confirmer_id` (security.paper); all the rest is the confirmer's.
    """

    account_id: int
    person_id: int
    municipality_id: int
    name: str
    roles: frozenset[Role]
    municipality: str = ""
    organisation: str = ""
    language: Language | None = None
    membership_id: int = 0
    more_hats: bool = False
    phone: str = ""
    login_session_id: int | None = None
    address: str = ""
    look: Look = NO_LOOK
    parts: frozenset[Scope] = frozenset(Scope)
    viewer_id: int | None = None
    paper_id: int | None = None
    confirmer_id: int | None = None

    @property
    def is_office(self) -> bool:
        return bool(self.roles & OFFICE_ROLES)

    @property
    def human_id(self) -> int:
        """The person who really does it, for the log."""
        return self.viewer_id or self.confirmer_id or self.person_id

    @property
    def confirms_in(self) -> int | None:
        """The municipality one is a second person in; in none with somebody else's eyes or hand."""
        as_oneself = self.viewer_id is None and self.paper_id is None
        return self.municipality_id if as_oneself and self.roles & SECOND_PERSONS else None

    @property
    def office_in(self) -> int | None:
        """The municipality one is its coordinating unit in."""
        return self.municipality_id if Role.COORDINATING_UNIT in self.roles else None

    @property
    def leads_in(self) -> int | None:
        """The municipality one leads a department in."""
        return self.municipality_id if Role.LEADER in self.roles else None

    @property
    def role_words(self) -> str:
        """The stored words of the roles, for the log."""
        return " ".join(sorted(self.roles))
