"""What waits in the plan for the one who looks (neste steg), and what state it is in."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, url_for
from flask_babel import gettext

from models.vocabulary import PlanStatus
from views.plan.getting_started import where_to_begin


@dataclass(frozen=True, slots=True)
class Consents:
    """Where they stand: something, or None. The one that waits and when it was sent, the one in
    force, and the reader's own signature under the first."""

    waiting: object = None
    sent: object = None
    in_force: object = None
    signed: object = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """A sentence or two, and where to go on (empty: nothing to do here)."""

    title: str
    text: str
    button: str = ""
    url: str = ""


def next_step(consents: Consents) -> NextStep | None:
    """The most pressing thing; None when the plan just goes on."""
    if not g.access.is_open:
        return _shut()
    if not (g.access.owners_side or g.access.coordinator):
        return None
    if consents.waiting:
        return _sent(bool(consents.signed)) if consents.sent else _prepared()
    if g.plan.status is PlanStatus.ACTIVE and not consents.in_force:
        return _without_consent()
    return _prepared() if g.plan.status is PlanStatus.DRAFT else None


def _shut() -> NextStep:
    return NextStep(gettext("The plan is closed"), gettext("You can read it. Nobody writes in it."))


def _sent(signed: bool) -> NextStep:
    if g.access.decides and not signed:
        return NextStep(
            gettext("You are asked who may see what"),
            gettext("Nobody is let in before everybody who decides has signed."),
            gettext("Read and answer"),
            url_for("ConsentPage.sign"),
        )
    return NextStep(
        gettext("Waiting for signatures"),
        gettext("Nobody is let in before everybody who decides has signed."),
        gettext("To the consent page"),
        url_for("ConsentPage.page"),
    )


def _prepared() -> NextStep:
    if not g.access.coordinator:
        return NextStep(
            gettext("Being prepared"),
            gettext("The coordinator is preparing a proposal. You will be asked."),
        )
    return NextStep(
        gettext("Being prepared"),
        gettext("Propose those who take part, and ask for signatures when the list is complete."),
        *where_to_begin(),
    )


def _without_consent() -> NextStep:
    text = gettext(
        "It is withdrawn, or has run out. Nobody but the owner's side reads the plan before a "
        "new one is signed."
    )
    if g.access.coordinator:
        title, url = gettext("To the participants"), url_for("Team.page")
        return NextStep(gettext("No consent in force"), text, title, url)
    return NextStep(gettext("No consent in force"), text)
