"""Somebody without a sign-in on the signing page (kort): what is asked, and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from models.outside import OutsideLine
from models.vocabulary import Exchange

Ways = frozenset[Exchange]


@dataclass(slots=True)
class OutsideCard:
    """stands: what the signer has said yes to before, of which nothing is asked anew."""

    line: OutsideLine
    stands: Ways | None = None
    answer: str = ""
    chosen: Ways = field(default_factory=frozenset)
    error: str = ""

    @property
    def id(self) -> str:
        """Its name in the form, apart from those of the persons."""
        return f"outside-{self.line.id}"

    @property
    def name(self) -> str:
        return self.line.name

    def read(self, form: MultiDict[str, str]) -> None:
        """Take what was filled in; what is none of the choices is no choice."""
        self.answer = form.get(self.id, "")
        ticked = form.getlist(f"{self.id}-way")
        self.chosen = frozenset(way for way in Exchange if way in ticked)

    @property
    def is_left_out(self) -> bool:
        return self.stands is None and self.answer not in ("yes", "no")

    @property
    def said(self) -> Ways:
        """What is said yes to; nothing, for a no. Ticking none is as it was, or as asked."""
        if self.answer == "no" or (self.stands is None and self.answer != "yes"):
            return frozenset()
        return (self.chosen & self.line.ways) or self.stands or self.line.ways


def outside_cards(
    lines: Sequence[OutsideLine], said_before: Mapping[int, Ways]
) -> list[OutsideCard]:
    """A card for each line, in their own order."""
    return [OutsideCard(line, said_before.get(line.id) or None) for line in lines]
