"""Facts put into words (feilside). A domain exception becomes a status only here."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, render_template, request, url_for
from flask import session as login
from flask_babel import force_locale, gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from models.i18n import N_
from security.crypto import KeyIsGone
from security.policy import Forbidden
from security.rate_limits import TooManyAttempts
from security.seeing import OnlySees
from security.writes import Immutable, Locked
from services.errors import Conflict
from views import language
from views.realm import PAGES, Realm
from views.typed import form_address, typed

WORDS = {
    400: (
        N_("We did not understand that"),
        N_("The form was old, or not as we sent it. Nothing is stored. Open the page again."),
    ),
    401: (
        N_("You have been signed out"),
        N_("This was not stored. Sign in, open the page again and send it once more."),
    ),
    403: (
        N_("You cannot do this"),
        N_("You do not have access to this. Ask the owner of the plan or the coordinator."),
    ),
    404: (
        N_("There is no such page"),
        N_("It may be gone, or you no longer have access to it. Start again from your own page."),
    ),
    405: (N_("That cannot be done here"), N_("Go back and use the buttons on the page.")),
    409: (
        N_("Somebody else was first"),
        N_("What you see is out of date. Go back and load the page again before you continue."),
    ),
    413: (N_("That was too much"), N_("Nothing is stored. Go back and send less text at a time.")),
    429: (N_("Too many attempts"), N_("Wait a quarter of an hour and try again.")),
    500: (
        N_("Something went wrong with us"),
        N_("Nothing was stored half-way. Try again, and tell the municipality if it goes on."),
    ),
    503: (N_("We are not ready yet"), N_("The database does not answer. Try again in a minute.")),
}


NO_SUCH_ROLE = N_(
    "Your role does not open this page. If you need it, ask the system administrator in the "
    "municipality."
)
ONLY_SEES = N_(
    "You saw the plan as somebody else sees it, and change nothing there. Nothing is stored. Stop "
    "seeing it so, open the page again and send it once more."
)
WITHOUT_COOKIES = N_(
    "Your browser keeps no cookies from us, so we do not know you again from page to page. "
    "Allow cookies for this address, open the page again and send it once more."
)
ANOTHER_HAT = N_(
    "It may be gone, you may no longer have access to it, or it belongs to another municipality "
    "where you have a role."
)
A_KEY_IS_GONE = (
    N_("We cannot open what is stored"),
    N_(
        "It is locked with a key that Medspel does not have any more. Nothing is lost. Whoever "
        "runs Medspel must put the key back in MEDSPEL_KEYS and start Medspel again. Tell the "
        "municipality, and try again then."
    ),
)
FORM_IS_THERE = {400, 409, 429, 500, 503}


def register(app: Flask) -> None:
    """Roll back first, then render: no page is made inside a writing transaction."""

    @app.errorhandler(Forbidden)
    def forbidden(error: Forbidden) -> tuple[str, int]:
        g.denied = True
        if isinstance(error, OnlySees):
            return page(403, text=gettext(ONLY_SEES))
        at_the_office = PAGES[request.endpoint or ""].realm is Realm.REGISTER
        return page(403, text=gettext(NO_SUCH_ROLE) if at_the_office else "")

    @app.errorhandler(Immutable)
    @app.errorhandler(Locked)
    @app.errorhandler(IntegrityError)
    @app.errorhandler(StaleDataError)
    def conflict(error: Exception) -> tuple[str, int]:
        current_app.logger.info("conflict: %s", type(error).__name__)
        return page(409)

    @app.errorhandler(Conflict)
    def said(error: Conflict) -> tuple[str, int]:
        return page(409, text=gettext(error.words))

    @app.errorhandler(TooManyAttempts)
    def slower(_: TooManyAttempts) -> tuple[str, int]:
        return page(429)

    @app.errorhandler(DataError)
    @app.errorhandler(StatementError)
    def unstorable(_: Exception) -> tuple[str, int]:
        return page(400)

    @app.errorhandler(OperationalError)
    def lost_database(error: OperationalError) -> tuple[str, int, dict[str, str]]:
        return lost(error)

    @app.errorhandler(KeyIsGone)
    def no_key(error: KeyIsGone) -> tuple[str, int, dict[str, str]]:
        return without_its_key(error)

    @app.errorhandler(CSRFError)
    def forged(_: CSRFError) -> tuple[str, int]:
        asked = PAGES.get(request.endpoint or "")
        inside = asked is not None and asked.realm is not Realm.PUBLIC
        if inside and login.actor is None:  # type: ignore[attr-defined]
            return signed_out()
        interface: Any = current_app.session_interface
        known = interface.cookie in request.cookies
        return page(400, text="" if known else gettext(WITHOUT_COOKIES))

    @app.errorhandler(HTTPException)
    def other(error: HTTPException) -> Any:
        cause = getattr(error, "original_exception", None)
        if isinstance(cause, OperationalError):  # before there was a session, or while saving it
            return lost(cause)
        if isinstance(cause, KeyIsGone):
            return without_its_key(cause)
        methods = getattr(error, "valid_methods", None) or ()
        return *page(error.code or 500), {"Allow": ", ".join(methods)} if methods else {}

    @app.errorhandler(DBAPIError)  # a statement of ours that is wrong
    @app.errorhandler(Exception)
    def fault(error: Exception) -> tuple[str, int]:
        current_app.logger.error("fault: %s", type(error).__name__, exc_info=error)
        return page(500)


def lost(error: OperationalError) -> tuple[str, int, dict[str, str]]:
    """The database does not answer."""
    current_app.logger.error("database: %s", type(error.orig).__name__)
    return _bare(*WORDS[503])


def without_its_key(error: KeyIsGone) -> tuple[str, int, dict[str, str]]:
    """What the page would show cannot be opened. The log says which key is meant."""
    current_app.logger.error("the key %r is not on the ring of MEDSPEL_KEYS", str(error))
    if "session" in g:
        g.session.rollback()
    return _bare(*A_KEY_IS_GONE)


def _bare(title: str, next_step: str) -> tuple[str, int, dict[str, str]]:
    """A page that needs nothing from the database."""
    locale = language.chosen() if "session" in g else language.of_the_browser()
    with force_locale(locale):
        bare = current_app.jinja_env.get_template("lost.html")  # without Flask-Login's context
        words = {"title": gettext(title), "text": gettext(next_step)}
        page = bare.render(**words, locale=locale, typed=typed())
    return page, 503, {"Retry-After": "60"}


def signed_out() -> tuple[str, int]:
    """The session ended while somebody wrote."""
    return page(401, again=url_for("SignIn.form", next=form_address() or "/"))


def not_agreed() -> tuple[str, int]:
    """A user agreement came while somebody wrote."""
    first = gettext(
        "This was not stored. Read the agreement and accept it, open the page again and send "
        "it once more."
    )
    again = url_for("Agreement.page", next=form_address() or "/")
    return _page(N_("There is a new user agreement"), first, again, gettext("Read it")), 409


def known_too_little(again: dict[str, Any]) -> tuple[str, int]:
    """The municipality asks to know better who writes."""
    first = gettext(
        "This was not stored. Sign in once more in a safer way, open the page again and send it "
        "once more."
    )
    onward = url_for("EidSignIn.start", next=form_address() or "/", **again)
    return _page(N_("You must sign in in a safer way"), first, onward, gettext("Sign in")), 409


def page(status: int, text: str = "", again: str = "") -> tuple[str, int]:
    """The error page of a status, in the user's language, with what was typed and what to
    do next. `again`: where to go on, when it is not the form itself."""
    if "session" in g:
        g.session.rollback()
    g.pop("plan", None)
    g.setdefault("actor", getattr(login, "actor", None))  # an address nobody has is asked earlier
    title, next_step = WORDS.get(status, WORDS[500])
    if status == 404 and g.actor and g.actor.more_hats:
        return _page(title, gettext(ANOTHER_HAT), url_for("Hats.page"), gettext("Switch role")), 404
    if not again and request.method == "POST" and status in FORM_IS_THERE:
        again = form_address()
    again_text = gettext("Sign in") if status == 401 else gettext("Open the page again")
    return _page(title, text or gettext(next_step), again, again_text), status


def _page(title: str, text: str, again: str, again_text: str) -> str:
    words = {"title": gettext(title), "text": text, "again": again, "again_text": again_text}
    return render_template("error.html", typed=typed(), **words)
