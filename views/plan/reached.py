"""Who is reached (nådd): by the notice of a meeting, its minutes, a consent to sign, or a task."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.consent import Consent
from models.elements.activity import Activity
from models.elements.meeting import Meeting
from models.keys import key
from models.vocabulary import Channel
from security.policy import TRACED, Forbidden, follows_up
from services.consent import team_with_people
from services.notice_kinds import REMINDER
from services.reached import NeverTold, Reach, first_unreached, reached, remind, told_by_hand
from views.plan.reminding import remind_once
from views.realm import PlanPage, needs, see_other
from views.words import in_words, role_of

BY_HAND = {
    Channel.CALL: lazy_gettext("I have called"),
    Channel.LETTER: lazy_gettext("I have sent a letter"),
}


class Reached(PlanPage):
    """For who called: the coordinator, and those who may call meetings in their job."""

    route_base = "/plan/<int:plan_id>/reached"

    @expose("/")
    @expose("/<kind>/<int:pk>")
    @needs("read")
    def page(self, kind: str = "", pk: int = 0) -> str:
        """Without a row: the newest notice that did not reach somebody."""
        if not kind:
            kind, pk = first_unreached(g.session, g.plan) or ("", 0)
        row = _row(kind, pk) if kind else None
        _only_for_who_called(kind or "meeting")
        told = reached(g.session, g.plan, kind, pk) if kind else []
        team = team_with_people(g.session, g.plan.id)
        return str(
            self.render_template(
                "plan/reached.html",
                title=gettext("Who is reached"),
                lead=_lead(kind, row),
                kind=kind,
                row=row,
                groups={one: [t for t in told if t.reach is one] for one in Reach},
                roles={one.person_id: role_of(one) for one in team},
                by_hand=BY_HAND.items(),
                back=_back(kind, pk),
            )
        )

    @expose("/<kind>/<int:pk>/by-hand", methods=["POST"])
    @needs("write")
    def by_hand(self, kind: str, pk: int) -> Response:
        _row(kind, pk)
        how = request.form.get("how", "")
        if how not in set(BY_HAND):
            abort(400)
        try:
            told_by_hand(g.session, g.plan, kind, pk, _person(), Channel(how))
        except NeverTold:
            abort(404)
        flash(gettext("It is noted."), "success")
        return see_other(url_for("Reached.page", kind=kind, pk=pk))

    @expose("/<kind>/<int:pk>/remind", methods=["POST"])
    @needs("write")
    def remind(self, kind: str, pk: int) -> Response:
        _row(kind, pk)
        if kind == REMINDER:
            return remind_once(pk, url_for("Reached.page", kind=kind, pk=pk))
        try:
            sent = remind(g.session, g.plan, kind, pk, _person())
        except NeverTold:
            abort(404)
        if sent:
            flash(gettext("A reminder is on its way."), "success")
        else:
            flash(gettext("They have been told today already. Once a day is enough."), "info")
        return see_other(url_for("Reached.page", kind=kind, pk=pk))


def _row(kind: str, pk: int) -> Any:
    """The meeting, the consent or the task, when the actor may follow it up."""
    if kind not in TRACED:
        abort(404)
    cls: Any = {"consent": Consent, REMINDER: Activity}.get(kind, Meeting)
    wanted = select(cls).where(cls.id == pk, cls.plan_id == g.plan.id)
    row = g.session.scalars(wanted).unique().first() or abort(404)
    _only_for_who_called(kind)
    return row


def _only_for_who_called(kind: str) -> None:
    if not follows_up(g.access, kind):
        raise Forbidden("who is reached is followed up by those who called")


def _back(kind: str, pk: int) -> str:
    if kind in ("meeting", "minutes"):
        return url_for("MeetingRoom.page", pk=pk)
    if kind == REMINDER:
        return url_for("ActivityView.show", pk=pk)
    return url_for("ConsentPage.page" if kind else "Overview.page")


def _person() -> int:
    return key(request.form.get("person", "")) or abort(400)


def _lead(kind: str, row: Any) -> str:
    if not kind:
        return ""
    if kind == "consent":
        return str(gettext("Those who are asked to sign."))
    if kind == REMINDER:
        return str(gettext("Reminded of the task: %(what)s.", what=row.what))
    when = in_words(row.starts_at, row.ends_at)
    if kind == "minutes":
        return str(gettext("Minutes of the meeting: %(when)s.", when=when))
    return str(gettext("Called to the meeting: %(when)s.", when=when))
