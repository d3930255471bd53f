"""One family of the demo (familie)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One family of the demo: the owner, those who decide, and how far it has come.

    owner_login: set for an owner who signs in and decides. months_ago: when it was registered.
    """

    name: str
    years: int
    guardians: tuple[tuple[str, str], ...]
    state: str
    shielded: bool = False
    owner_login: str = ""
    coordinator: str = "turid"
    therapist: str = "paal"
    months_ago: int = 0

    @property
    def deciders(self) -> list[tuple[str, str]]:
        owner = [(self.name, self.owner_login)] if self.owner_login else []
        return [*self.guardians, *owner]
