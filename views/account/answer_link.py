"""Behind the link of a call (svar med lenkje): yes or no, for whoever does not sign in."""

from __future__ import annotations

from functools import partial

from flask import request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.vocabulary import Attendance
from security import letter_link
from security.letter_link import Opens
from security.rate_limits import TooManyAttempts
from services.answer_links import AnsweredAlready, Asked, LinkIsOver, answer_once, goes_to, opened
from views import errors
from views.engine import engine
from views.plan.meeting_answers import ANSWERS
from views.realm import PublicPage, see_other


class AnswerLink(PublicPage):
    """As with an invitation, the token goes at once from the address into the session."""

    route_base = "/answer"

    @expose("/<token>")
    def take(self, token: str) -> Response:
        login["answer"] = letter_link.read(token, Opens.ANSWER, partial(goes_to, engine())) or ""
        return see_other(url_for("AnswerLink.page"))

    @expose("/", methods=["GET", "POST"])
    def page(self) -> str | Response | tuple[str, int]:
        uid = login.get("answer", "")
        try:
            if request.method == "POST" and self._is_about(uid):
                answer_once(engine(), uid, Attendance(said()), request.remote_addr or "")
                login["answered"] = uid
                return see_other(url_for("AnswerLink.page"))
            return self._page(uid, opened(engine(), uid))
        except TooManyAttempts:
            return errors.page(429)
        except AnsweredAlready:
            return self._answered(uid)
        except LinkIsOver:
            title = gettext("There is nothing to answer here any more")
            return str(self.render_template("answer_over.html", title=title)), 410

    def _is_about(self, uid: str) -> bool:
        """Whether it was sent from a page of ours about this very meeting, and says something:
        another link may have been opened in another window since."""
        about = request.args.get("of", "") == uid
        return about and said() in ANSWERS

    def _page(self, uid: str, asked: Asked) -> tuple[str, int]:
        title = gettext("Are you coming to the meeting?")
        page = self.render_template(
            "answer_meeting.html", title=title, asked=asked, answers=ANSWERS, uid=uid
        )
        return str(page), 422 if request.method == "POST" else 200

    def _answered(self, uid: str) -> tuple[str, int]:
        just_now = login.get("answered") == uid and request.method == "GET"
        title = (
            gettext("Your answer is stored") if just_now else gettext("This is answered already")
        )
        page = self.render_template("answer_stored.html", title=title, just_now=just_now)
        return str(page), 200 if request.method == "GET" else 409


def said() -> str:
    return request.form.get("answer", "")
