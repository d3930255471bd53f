"""Who is acting (aktør). Frozen and free of the session, so that policy stays pure."""

from __future__ import annotations

from dataclasses import dataclass

from models.language import Language
from models.look import NO_LOOK, Look
from models.vocabulary import OFFICE_ROLES, Role, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One human in one municipality: the active membership of this login.

    `more_hats`: whether the account has other memberships; `phone`: the municipality's.
    `parts`: of plans, that are open to this way of signing in (security.by_password).
    `viewer_id`: who really looks, when the plan is seen as `person_id` sees it
    (security.seeing); all the rest is the viewer's.
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

    @property
    def is_office(self) -> bool:
        return bool(self.roles & OFFICE_ROLES)

    @property
    def role_words(self) -> str:
        """The stored words of the roles, for the log."""
        return " ".join(sorted(self.roles))
