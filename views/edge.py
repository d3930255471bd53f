"""The edge of a request (kanten): binds actor and plan, commits once, writes the log.

Safe methods read in one transaction that ends before the log is written in another,
short one; only then does the page leave. Otherwise SQLite's readers, turning writers,
would fail at once with "database is locked". Unsafe methods may write from their first
statement on, and commit only when nothing was raised and the answer is below 400.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, abort, g, redirect, request, url_for
from flask import session as login
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from models import keys
from models.audit import AccessEvent, RegisterEvent
from models.clock import utcnow
from models.database import WRITING
from models.plan import Plan
from security import audit
from security.audit import UNSCOPED, Noted
from security.policy import Forbidden
from security.session import GuardedSession
from services import visits
from views import errors, headers, seeing
from views.notice_pages import has_news, looked_at
from views.providers import is_known_too_little
from views.realm import PAGES, Page, Realm, not_there, see_other
from views.typed import typed

SAFE = {"GET", "HEAD", "OPTIONS"}
FORMS_AGAIN = {409, 422}  # a form that comes back shows what stands in the plan
DENIALS_AN_HOUR = 20
BEFORE_A_PASSWORD = {"OwnPassword.form", "Stay.now"}
BEFORE_AGREEING = BEFORE_A_PASSWORD | {
    "Agreement.page", "Agreement.accept", "Hats.page", "Hats.take",
}  # fmt: skip


def register(app: Flask, db: Any) -> None:
    @app.url_value_preprocessor
    def take_plan(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.plan_id = values.pop("plan_id", None) if values else None
        if (g.plan_id or 0) > keys.HIGHEST:
            abort(404)

    @app.url_defaults
    def give_plan(endpoint: str, values: dict[str, Any]) -> None:
        if g.get("plan_id") and app.url_map.is_endpoint_expecting(endpoint, "plan_id"):
            values.setdefault("plan_id", g.plan_id)

    @app.before_request
    def bind() -> Response | tuple[str, int] | None:
        WRITING.set(request.method not in SAFE)
        if request.endpoint == "static":
            return None
        g.session = db.session()
        if request.routing_exception is not None:
            raise request.routing_exception
        page = PAGES.get(request.endpoint or "")
        return _let_in(page or abort(404))

    @app.after_request
    def settle(response: Response) -> Response:
        if "session" in g:
            _settle(g.session, response)
        return headers.add(response)

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        WRITING.set(False)


def _let_in(page: Page) -> Response | tuple[str, int] | None:
    g.page, g.actor = page, seeing.who_acts(page, getattr(login, "actor", None))
    if g.actor is None and page.realm is not Realm.PUBLIC:
        if typed():
            return errors.signed_out()
        wish = request.full_path if request.method == "GET" else "/"
        return redirect(url_for("SignIn.form", next=wish.rstrip("?")))
    g.session.act_as(g.actor)
    if page.realm is Realm.PUBLIC:
        return None
    if login.get("new") and request.endpoint not in BEFORE_A_PASSWORD:
        return redirect(url_for("OwnPassword.form"))
    if login.must_agree and request.endpoint not in BEFORE_AGREEING:  # type: ignore[attr-defined]
        return _agree_first()
    g.may = _permission_asker(page)
    if not g.may(page.permission):
        raise Forbidden(page.permission)
    if page.realm is Realm.PLAN:
        if is_known_too_little():
            return _show_better()
        return _enter_plan(page)
    return None


def _show_better() -> Response | tuple[str, int]:
    """To the provider once more, for a higher level; whatever was sent is given back."""
    provider = login.vouched.provider  # type: ignore[attr-defined]
    again = {"provider": provider, "level": "high"}
    if request.method not in SAFE:
        return errors.known_too_little(again)
    return see_other(url_for("EidSignIn.start", next=request.full_path.rstrip("?"), **again))


def _agree_first() -> Response | tuple[str, int]:
    """To the user agreement; whatever was sent is not done, and given back."""
    if request.method not in SAFE:
        return errors.not_agreed()
    return see_other(url_for("Agreement.page", next=request.full_path.rstrip("?")))


def _permission_asker(page: Page) -> Any:
    from flask import current_app

    manager = current_app.appbuilder.sm  # type: ignore[attr-defined]
    return lambda verb, view=page.view_name: manager.has_access(verb, view)


def _enter_plan(page: Page) -> Response | None:
    if seeing.is_seeing():
        over = seeing.enter()
        if over is None and g.plan.type not in page.types:
            not_there()
        return over
    plan = g.session.scalars(select(Plan).where(Plan.id == g.plan_id)).first()
    if plan is None or plan.type not in page.types:
        not_there()
    g.plan, g.access = plan, g.session.access(plan.id)
    return None


def _settle(session: GuardedSession, response: Response) -> None:
    noted = session.reads() if _shows(response) and g.get("actor") else []
    if request.method in SAFE or response.status_code >= 400:
        session.rollback()
    else:
        try:
            session.commit()
        except Exception:
            session.rollback()
            raise
    _log(session, [*noted, *_denial(response)])
    with_news = has_news() and not seeing.is_seeing()
    if request.method == "GET" and response.status_code == 200 and with_news:
        looked_at(session)
    if response.status_code == 200 and g.get("visit_is_due"):
        WRITING.set(True)
        visits.note(session, g.plan_id)
        session.commit()


def _shows(response: Response) -> bool:
    """Whether what was read is on the page that leaves; a redirect after a write has none."""
    if request.method in SAFE:
        return response.status_code < 400 or response.status_code in FORMS_AGAIN
    return response.status_code == 200 or response.status_code in FORMS_AGAIN


def _denial(response: Response) -> list[Noted]:
    if not g.get("actor") or not (g.get("denied") or response.status_code == 403):
        return []
    return [Noted(g.get("plan_id") or 0, "denied", str(request.endpoint)[:40], "none")]


def _log(session: GuardedSession, noted: list[Noted]) -> None:
    if not noted:
        return
    WRITING.set(True)
    denied = [n for n in noted if n.action == "denied"]
    if denied:
        noted = [n for n in noted if n.action != "denied"] + _worth_noting(session, denied)
    if noted:
        audit.append(session, g.actor, noted)
        session.commit()
    session.rollback()


def _worth_noting(session: GuardedSession, denied: list[Noted]) -> list[Noted]:
    """Denials into plans there are; the twenty-first in an hour sums up, then silence."""
    hour, plans, count = utcnow() - timedelta(hours=1), {n.plan_id for n in denied}, 0
    for event in (AccessEvent.__table__, RegisterEvent.__table__):
        mine = (event.c.account_id == g.actor.account_id, event.c.at > hour)
        recent = select(func.count()).select_from(event).where(
            *mine, event.c.action.in_(("denied", "many denials"))
        )  # fmt: skip
        count += session.scalar(recent, execution_options=UNSCOPED) or 0
    if count > DENIALS_AN_HOUR:
        return []
    if count == DENIALS_AN_HOUR:
        return [Noted(0, "many denials", "denial", "none")]
    known = select(Plan.__table__.c.id).where(Plan.__table__.c.id.in_(plans))
    real = set(session.scalars(known, execution_options=UNSCOPED))
    for one in denied:
        one.plan_id = one.plan_id if one.plan_id in real else 0
    return denied
