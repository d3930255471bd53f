"""Seeing a plan as somebody else, at the edge (sjå som): kept with the login, for one plan.

It ends by its button, when one goes to another page than those of the plan or chooses anew, when
one signs out or switches role, and when either of the two no longer has what it takes.
"""

from __future__ import annotations

from flask import flash, g, request, url_for
from flask import session as login
from flask_babel import gettext
from werkzeug.wrappers import Response

from security.actor import Actor
from security.audit import Noted
from security.seeing import OnlySees, seen_as
from services.seeing import seen
from views.realm import Page, Realm, see_other

KEPT = "see_as"
BESIDE = {"Stay.now"}
"""What a page of the plan asks for by itself."""


def who_acts(page: Page, actor: Actor | None) -> Actor | None:
    """The one who has signed in, or they with the eyes of whom they see this plan as."""
    kept = login.get(KEPT)
    if actor is None or kept is None or page.realm is Realm.PUBLIC or request.endpoint in BESIDE:
        return actor
    plan_id, person_id = kept
    if page.realm is not Realm.PLAN or g.plan_id != plan_id or request.endpoint == "SeeAs.page":
        stop()
        return actor
    own_eyes = (request.endpoint or "").startswith("SeeAs.")
    return actor if own_eyes else seen_as(actor, person_id)


def is_seeing() -> bool:
    """Whether this request sees a plan as somebody else."""
    return g.get("actor") is not None and g.actor.viewer_id is not None


def start(plan_id: int, person_id: int) -> None:
    login[KEPT] = [plan_id, person_id]


def stop() -> int | None:
    """The person the plan was seen as."""
    kept: list[int] | None = login.pop(KEPT, None)
    return kept[1] if kept else None


def enter() -> Response | None:
    """Into the plan; back to one's own eyes when it is over.

    Raises: OnlySees, for whatever would write.
    """
    g.seen = seen(g.session, g.plan_id)
    if g.seen is None:
        stop()
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        raise OnlySees(str(request.endpoint))
    if g.seen is None:
        flash(gettext("You see the plan with your own eyes again: the access has ended."), "info")
        return see_other(url_for("Overview.page", plan_id=g.plan_id))
    rows = {g.seen.participant_id}
    g.session.note(Noted(g.plan_id, "read", "see_as", "", rows=rows))
    g.plan, g.access = g.seen.plan, g.session.access(g.plan_id)
    return None
