"""The history of the consent (historikk): versions, what changed, who signed and took back."""

from __future__ import annotations

from flask import g
from flask_appbuilder import expose
from flask_babel import gettext

from models.vocabulary import LifeArea
from services.consent_history import Part, history
from views.plan.consent import not_for_participants
from views.plan.sealing import can_seal
from views.realm import PlanPage, needs
from views.words import shown


class ConsentHistory(PlanPage):
    """For the owner's side and the coordinator."""

    route_base = "/plan/<int:plan_id>/consent/history"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        not_for_participants()
        versions = history(g.session, g.plan.id)
        return str(
            self.render_template(
                "plan/consent_history.html",
                title=gettext("History of the consent"),
                versions=versions,
                waits=any(one.waits(g.access.owners_side) for one in versions),
                can_seal=can_seal(),
                reach=reach,
            )
        )


def reach(part: Part) -> str:
    """How far, in words, with the life areas when they are not all."""
    level, areas = part
    return f"{shown(level)} ({shown(areas)})" if len(areas) < len(LifeArea) else shown(level)
