"""The page one comes to first (startsida): one's plans, and what the role is here for."""

from __future__ import annotations

from flask import g, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select

from models.plan import Plan
from security.audit import Noted
from views.navigation import top
from views.realm import AccountPage, needs
from views.words import shown


class Start(AccountPage):
    route_base = ""

    @expose("/")
    @needs("read")
    def page(self) -> str:
        plans = g.session.scalars(select(Plan).order_by(Plan.short_name)).all()
        if plans:
            g.session.note(Noted(0, "list", "plan", "own plans", rows={p.id for p in plans}))
        rows = [
            {
                "short_name": plan.short_name,
                "url": url_for("Overview.page", plan_id=plan.id),
                "type": shown(plan.type),
                "status": shown(plan.status),
            }
            for plan in plans
        ]
        _, *office = top()
        title = gettext("My page")
        return str(self.render_template("start.html", title=title, plans=rows, office=office))
