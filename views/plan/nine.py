"""The nine items of the regulation (dei ni punkta): which are there, and where to write others."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, url_for
from flask_babel import gettext

from models.i18n import N_
from services.nine_items import READ_IN, Item

WORDS: dict[Item, str] = {
    Item.NEEDS: N_("Goals, resources and needs"),
    Item.PEOPLE: N_("Who takes part"),
    Item.COORDINATOR: N_("Who coordinates"),
    Item.SHARES: N_("What each of you will do your part with"),
    Item.MEASURES: N_("What is done: how much, and whose"),
    Item.HOW: N_("How the tasks are done"),
    Item.PERIOD: N_("When the plan is evaluated next"),
    Item.CONSENT: N_("Consent"),
    Item.OTHERS: N_("Cooperation with others"),
}
_WHERE: dict[Item, str] = {
    Item.NEEDS: "BackgroundRoom.page",
    Item.PEOPLE: "Team.page",
    Item.SHARES: "ExpectationView.list",
    Item.MEASURES: "ActivityView.list",
    Item.HOW: "ActivityView.list",
    Item.PERIOD: "EvaluationView.list",
    Item.CONSENT: "ConsentPage.page",
    Item.OTHERS: "ContactView.list",
}


@dataclass(frozen=True, slots=True)
class Tick:
    """One item. `is_seen`: whether the reader reads what it is about; `url`: where it is
    written."""

    text: str
    is_there: bool
    is_seen: bool
    url: str


def ticks(filled: set[Item]) -> list[Tick]:
    """All nine, in their order."""
    return [
        Tick(
            gettext(WORDS[item]),
            item in filled,
            all(g.access.level(part) for part in READ_IN.get(item, ())),
            url_for(_WHERE[item]) if item in _WHERE else "",
        )
        for item in Item
    ]
