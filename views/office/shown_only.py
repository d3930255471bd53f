"""Lists within a register (utval): those that are late, those that wait. The address says which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext

from models.i18n import N_
from services.office_lists import Lists


@dataclass(frozen=True, slots=True)
class ShownOnly:
    """lists: who stands in each. words: what each is called. always: those one may always turn to;
    the others have ways to them elsewhere. everything: what the whole of it is called."""

    lists: Callable[[], Lists]
    words: dict[str, str]
    always: tuple[str, ...] = ()
    everything: str = N_("All")

    @property
    def key(self) -> str:
        """The one that is asked for; empty for the whole of it."""
        asked = request.args.get("show", "")
        return asked if asked in self.words else ""

    def narrow(self, statement: Any) -> Any:
        """statement: a query or a select of the register's rows."""
        return statement.filter(self.lists()[self.key]) if self.key else statement

    def chips(self) -> list[tuple[str, str, bool]]:
        """Of each that one may turn to: its key, its words, whether it is shown now."""
        seen = [key for key in self.words if key in (self.always or self.words) or key == self.key]
        named = [("", self.everything), *((key, self.words[key]) for key in seen)]
        return [(key, gettext(text), key == self.key) for key, text in named]
