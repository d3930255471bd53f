"""What one person may see (tilgangen til éin): less of it, a pause, or nothing more; at once."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.consent import Grant
from models.plan import Participant
from models.vocabulary import Level, LifeArea, Scope
from security.policy import Forbidden
from services.consent import live_grants, team_with_people
from services.narrowing import Kept, narrow
from services.pauses import open_pauses
from services.pausing import pause, resume
from views.realm import PlanPage, needs, see_other

NOTHING = "none"


class OneAccess(PlanPage):
    """For those who may take it back; as many steps as saying yes, and no signature."""

    route_base = "/plan/<int:plan_id>/consent/person/<int:person_id>"

    @expose("/", methods=["GET"])
    @needs("write")
    def page(self, person_id: int) -> str:
        who = _participant(person_id)
        keys = _in_order(live_grants(g.session, g.plan.id, person_id))
        on = open_pauses(g.session, g.plan.id).get(person_id)
        mine = on is not None and on.paused_by_id == g.actor.person_id
        areas = frozenset.union(
            *(k.life_areas for k in keys if k.scope.has_life_areas), frozenset()
        )
        return str(
            self.render_template(
                "plan/one_access.html",
                title=gettext("What one person may see"),
                heading=gettext("What %(name)s may see", name=who.person.name),
                who=who, keys=keys, paused=on, mine=mine, levels=Level,
                areas=[area for area in LifeArea if area in areas],
            )
        )  # fmt: skip

    @expose("/less", methods=["POST"])
    @needs("write")
    def less(self, person_id: int) -> Response:
        who = _participant(person_id)
        chosen = frozenset(area for area in LifeArea if area in request.form.getlist("area"))
        keys = live_grants(g.session, g.plan.id, person_id)
        if narrow(g.session, g.plan, person_id, {k.scope: _kept(k, chosen) for k in keys}):
            flash(gettext("%(name)s sees less from now on.", name=who.person.name), "success")
        else:
            flash(gettext("Nothing is changed."), "info")
        return see_other(url_for("ConsentPage.page"))

    @expose("/pause", methods=["POST"])
    @needs("write")
    def pause(self, person_id: int) -> Response:
        who = _participant(person_id)
        pause(g.session, g.plan, person_id)
        flash(
            gettext("%(name)s is shut out until you open again.", name=who.person.name), "success"
        )
        return see_other(url_for("ConsentPage.page"))

    @expose("/resume", methods=["POST"])
    @needs("write")
    def resume(self, person_id: int) -> Response:
        who = _participant(person_id)
        resume(g.session, g.plan, person_id)
        flash(gettext("%(name)s is let in again.", name=who.person.name), "success")
        return see_other(url_for("ConsentPage.page"))


def _participant(person_id: int) -> Participant:
    if not g.access.withdraws:
        raise Forbidden("only those who decide change an access")
    team = team_with_people(g.session, g.plan.id)
    return next((one for one in team if one.person_id == person_id), None) or abort(404)


def _in_order(keys: Sequence[Grant]) -> list[Grant]:
    return sorted(keys, key=lambda key: list(Scope).index(key.scope))


def _kept(key: Grant, chosen: frozenset[LifeArea]) -> Kept | None:
    """What the form leaves of a part; nothing said, or nonsense, leaves it as it is."""
    wish = request.form.get(f"level-{key.scope}", "")
    if wish == NOTHING:
        return None
    level = Level(wish) if wish in set(Level) else key.level
    areas = chosen if key.scope.has_life_areas and "areas" in request.form else key.life_areas
    return Kept(level, areas)
