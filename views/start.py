"""The page one comes to first (startsida): one's plans, and what the role is here for."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g, redirect, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.plan import Plan
from security.audit import Noted
from views.navigation import top
from views.realm import AccountPage, needs
from views.words import shown


class Start(AccountPage):
    route_base = ""

    @expose("/")
    @needs("read")
    def page(self) -> str | Response:
        plans = g.session.scalars(select(Plan).order_by(Plan.short_name)).all()
        easy = _easy(plans)
        _, *office = top()
        if easy and len(plans) == 1 and not office:
            return redirect(url_for("EasyRead.page", plan_id=plans[0].id))
        if plans:
            g.session.note(Noted(0, "list", "plan", "own plans", rows={p.id for p in plans}))
        rows = [
            {
                "short_name": plan.short_name,
                "url": url_for(
                    "EasyRead.page" if plan.id in easy else "Overview.page", plan_id=plan.id
                ),
                "type": shown(plan.type),
                "status": shown(plan.status),
            }
            for plan in plans
        ]
        title = gettext("My page")
        return str(self.render_template("start.html", title=title, plans=rows, office=office))


def _easy(plans: Sequence[Plan]) -> set[int]:
    """Those one reads in few words: the own side's, when that is chosen."""
    if not getattr(login, "easy_read", False):
        return set()
    return {plan.id for plan in plans if g.session.access(plan.id).owners_side}
