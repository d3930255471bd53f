"""What waits for the office (å sjå til): how many, and where one sees to it. Counts only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flask import current_app, g, url_for
from flask_babel import ngettext

from models.vocabulary import Role
from services import confirming, merging
from services.appointments import count_not_let_in
from services.invitations import stuck
from services.office_counts import OfficeCounts, office_counts
from services.rights import count_for_me
from views.office.own_department import own_department


class ToSee(NamedTuple):
    """How many of something wait, in words, and the page for it."""

    text: str
    url: str


def to_see() -> Iterator[ToSee]:
    """What one's roles open, and nothing of what nobody waits for."""
    if rights := _may("can_edit", "Rights") and count_for_me(g.session):
        text = ngettext(
            "%(num)s waits for your yes or no to become system administrator",
            "%(num)s wait for your yes or no to become system administrators",
            rights,
        )
        yield ToSee(text, url_for("Rights.list"))
    if second := _may("can_edit", "Confirmation") and confirming.count_for_me(g.session):
        text = ngettext(
            "%(num)s thing waits for your yes or no as the second person",
            "%(num)s things wait for your yes or no as the second person",
            second,
        )
        yield ToSee(text, url_for("Confirmations.list"))
    if _may("can_edit", "Account") and (without := count_not_let_in(g.session)):
        text = ngettext(
            "%(num)s coordinator cannot sign in as one yet",
            "%(num)s coordinators cannot sign in as one yet",
            without,
        )
        yield ToSee(text, url_for("NotLetIn.list"))
    yield from _people()
    yield from _plans()


def _may(verb: str, view: str) -> bool:
    return bool(current_app.appbuilder.sm.has_access(verb, view))  # type: ignore[attr-defined]


def _people() -> Iterator[ToSee]:
    """How many whom one has let in have not come, and will not unless one does something; and
    how many doubles wait for one's yes or no. One question, when none waits."""
    if not _may("can_list", "Invitation"):
        return
    doubles = 0
    if _may("can_edit", "Merging"):
        invitations, doubles = stuck(g.session, merging.how_many_wait(g.session))
        doubles = merging.wait_for_me(g.session) if doubles else 0
    else:
        invitations = stuck(g.session)[0]
    if doubles:
        text = ngettext(
            "%(num)s person who stands twice waits for your yes or no",
            "%(num)s persons who stand twice wait for your yes or no",
            doubles,
        )
        yield ToSee(text, url_for("Merging.list"))
    if invitations:
        text = ngettext(
            "%(num)s invitation is too old, or did not arrive",
            "%(num)s invitations are too old, or did not arrive",
            invitations,
        )
        yield ToSee(text, url_for("Invitations.list"))


def _plans() -> Iterator[ToSee]:
    """For those whose work it is; a leader counts the own department."""
    if not _may("can_list", "PlanRegister"):
        return
    everything = g.actor.roles & {Role.COORDINATING_UNIT, Role.ADMINISTRATOR}
    counts = office_counts(g.session, None if everything else own_department())
    if counts.requests:
        text = ngettext(
            "%(num)s request is nobody's yet", "%(num)s requests are nobody's yet", counts.requests
        )
        yield ToSee(text, url_for("RequestView.list"))
    if counts.unanswered:
        text = ngettext(
            "%(num)s request should have been answered",
            "%(num)s requests should have been answered",
            counts.unanswered,
        )
        yield ToSee(text, url_for("Deadlines.list"))
    yield from _coordinators(counts)
    if counts.overdue:
        text = ngettext(
            "%(num)s evaluation is overdue", "%(num)s evaluations are overdue", counts.overdue
        )
        yield ToSee(text, url_for("PlanRegisterView.list", show="overdue"))
    if counts.run_out:
        text = ngettext(
            "%(num)s consent has run out", "%(num)s consents have run out", counts.run_out
        )
        yield ToSee(text, url_for("PlanRegisterView.list", show="run-out"))


def _coordinators(counts: OfficeCounts) -> Iterator[ToSee]:
    """Leaders name, the unit appoints."""
    if counts.asked and Role.LEADER in g.actor.roles:
        text = ngettext(
            "You are asked for %(num)s coordinator",
            "You are asked for %(num)s coordinators",
            counts.asked,
        )
        yield ToSee(text, url_for("NominationView.list"))
    if counts.named and Role.COORDINATING_UNIT in g.actor.roles:
        text = ngettext(
            "%(num)s coordinator is named, and can be appointed",
            "%(num)s coordinators are named, and can be appointed",
            counts.named,
        )
        yield ToSee(text, url_for("NominationView.list"))
