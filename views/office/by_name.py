"""Lists of people by name (namneliste): searched, and turned by key, never by counting pages."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request, url_for

from models.keys import key
from models.people import Person
from views.office.person_field import has_name
from views.office.search import Searched, sought
from views.paging import Order

A_PAGE = 25
BY_NAME = Order(Person, "name", falling=False)


class ByName(Searched):
    """What a page of such a list shows. The first thing of each row is a Person."""

    def is_meant(self, words: str) -> Any:
        """Whether a row is one of those that are looked for."""
        return has_name(words)

    def narrowed(self, wanted: Any) -> Any:
        """Those of a statement that are looked for."""
        return wanted.where(self.is_meant(sought())) if sought() else wanted

    def a_page(self, wanted: Any) -> dict[str, Any]:
        """wanted: a statement in no order. Rows, and where to turn: as the template asks."""
        here, wanted = f"{type(self).__name__}.list", self.narrowed(wanted)
        after = request.args.get("after", "")
        if after:
            wanted = BY_NAME.after(wanted, key(after) or abort(400))
        rows = g.session.execute(BY_NAME(wanted).limit(A_PAGE + 1)).all()
        shown, more = rows[:A_PAGE], len(rows) > A_PAGE
        return {
            "rows": shown,
            "next": url_for(here, **self.asked(), after=shown[-1][0].id) if more else "",
            "first": url_for(here, **self.asked()),
            "turned": bool(after),
            "sought": sought(),
        }
