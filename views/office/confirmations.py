"""What waits for a second person (stadfesting): one has said it, and another says yes or no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from models.i18n import N_
from models.keys import key
from models.paper import PaperConsent
from models.people import Representation
from models.vocabulary import PlanType
from services import competence, exceptions, paper, papers, second_person
from services.four_eyes import AnsweredAlready
from services.paper import Overtaken
from views.office.written import written
from views.plan.paper import sent_scan
from views.realm import HandMade, Realm, needs, not_there, see_other
from views.words import shown


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that waits: what is asked, what is known, and what one may answer.

    yes, no: where an answer is sent; empty when it is not one's own to say. file: where the
    document is, of what is compared with it.
    """

    question: str
    about: str
    facts: list[tuple[str, str]]
    yes: str
    no: str
    file: str = ""


class Confirmations(HandMade):
    """Representations, exceptions from signing, decisions on consent, consents on paper."""

    realm = Realm.REGISTER
    route_base = "/register/confirmations"
    class_permission_name = "Confirmation"
    menu_label = lazy_gettext("To confirm")

    @expose("/")
    @needs("list")
    def list(self) -> str:
        cases = [*_representations(), *_exceptions(), *_decisions(), *_papers()]
        title = gettext("To confirm")
        return str(self.render_template("office/confirmations.html", title=title, cases=cases))

    @expose("/representation/<pk>/yes", methods=["POST"])
    @needs("edit")
    def confirm(self, pk: str) -> Response:
        second_person.confirm(g.session, _one(Representation, pk))
        return _done(gettext("Confirmed."))

    @expose("/exception/<pk>/yes", methods=["POST"])
    @needs("edit")
    def except_yes(self, pk: str) -> Response:
        exceptions.answer(g.session, _asked(exceptions, pk), True)
        return _done(gettext("Confirmed."))

    @expose("/exception/<pk>/no", methods=["POST"])
    @needs("edit")
    def except_no(self, pk: str) -> Response:
        exceptions.answer(g.session, _asked(exceptions, pk), False)
        return _done(gettext("Nothing is changed."))

    @expose("/decision/<pk>/yes", methods=["POST"])
    @needs("edit")
    def decision_yes(self, pk: str) -> Response:
        competence.answer(g.session, _asked(competence, pk), True)
        return _done(gettext("Confirmed."))

    @expose("/decision/<pk>/no", methods=["POST"])
    @needs("edit")
    def decision_no(self, pk: str) -> Response:
        competence.answer(g.session, _asked(competence, pk), False)
        return _done(gettext("Nothing is changed."))

    @expose("/paper/<pk>/yes", methods=["POST"])
    @needs("edit")
    def paper_yes(self, pk: str) -> Response:
        """Signed by it, or ended: what was asked for may have changed while it waited."""
        try:
            opened = paper.answer(g.session, _paper(pk), True)
        except Overtaken as why:
            g.session.rollback()
            paper.end(g.session, _paper(pk))
            flash(gettext(why.words), "info")
            return see_other(url_for("Confirmations.list"))
        if opened:
            return _done(gettext("Signed. Those everybody said yes to are let in now."))
        return _done(gettext("Signed. Nobody is let in before everybody has signed."))

    @expose("/paper/<pk>/no", methods=["POST"])
    @needs("edit")
    def paper_no(self, pk: str) -> Response:
        paper.answer(g.session, _paper(pk), False)
        return _done(gettext("Nothing is signed. The coordinator is told."))

    @expose("/paper/<pk>/scan")
    @needs("list")
    def paper_scan(self, pk: str) -> Response:
        return sent_scan(pk)


def _representations() -> Iterator[Case]:
    for one in second_person.waiting(g.session):
        may = second_person.may_confirm(g.session, one)
        yield Case(
            _words(_ACTS, one.representative, one.person),
            one.representative.name,
            [
                (gettext("As"), shown(one.capacity)),
                (gettext("What the mandate is for"), shown(one.mandate)),
                (gettext("Where the document lies"), shown(one.document)),
                (gettext("Checked"), shown(one.verified_at)),
            ],
            url_for("Confirmations.confirm", pk=one.id) if may else "",
            "",
        )


def _exceptions() -> Iterator[Case]:
    for one in exceptions.waiting(g.session):
        may = exceptions.may_answer(g.session, one)
        yield Case(
            _words(_WITHOUT, one.representative, one.person),
            one.representative.name,
            [
                (gettext("Why"), shown(one.reason)),
                (gettext("Explanation"), one.explanation),
                (gettext("Until"), shown(one.until)),
                *_who(one),
            ],
            url_for("Confirmations.except_yes", pk=one.id) if may else "",
            url_for("Confirmations.except_no", pk=one.id) if may else "",
        )


def _decisions() -> Iterator[Case]:
    for one in competence.waiting(g.session):
        may = competence.may_answer(g.session, one)
        mine = may or one.asked_by_id == g.actor.person_id
        yield Case(
            _words(_CANNOT, one.person, one.person),
            one.person.name,
            [
                (gettext("Decided on"), shown(one.decided_on)),
                (gettext("Decided by: role or profession"), one.decided_by),
                (gettext("Where the document lies"), one.document),
                (gettext("From"), shown(one.starts_on)),
                (gettext("Until"), shown(one.until)),
                *_who(one),
            ],
            url_for("Confirmations.decision_yes", pk=one.id) if may else "",
            url_for("Confirmations.decision_no", pk=one.id) if mine else "",
        )


def _papers() -> Iterator[Case]:
    for one in papers.mine(g.session):
        said = one.as_written
        yield Case(
            str(gettext(_BY_HAND, name=one.person.name, owner=said["owner"])),
            one.person.name,
            [
                (gettext("Kind of plan"), shown(PlanType(said["type"]))),
                (gettext("Date on the paper"), shown(one.signed_on)),
                *written(said),
                (gettext("Until and including"), shown(one.until)),
                (gettext("Where the paper lies"), one.original),
                *_who(one),
            ],
            url_for("Confirmations.paper_yes", pk=one.id),
            url_for("Confirmations.paper_no", pk=one.id),
            url_for("Confirmations.paper_scan", pk=one.id),
        )


_BY_HAND = N_("Does the paper say that %(name)s has answered this about %(owner)s?")
_ACTS = N_("Does %(name)s act for %(owner)s?")
_WITHOUT = N_("May the others sign for %(owner)s without %(name)s?")
_CANNOT = N_("Is there a decision that %(name)s cannot consent?")


def _words(text: str, who: Any, owner: Any) -> str:
    return str(gettext(text, name=who.name, owner=owner.name))


def _who(asked: Any) -> list[tuple[str, str]]:
    return [
        (gettext("Asked for by"), f"{asked.asked_by.name}, {shown(asked.asked_at)}"),
        (gettext("Lapses"), shown(asked.lapses_at)),
    ]


def _done(words: str) -> Response:
    flash(words, "success")
    return see_other(url_for("Confirmations.list"))


def _one(cls: type[Representation], pk: str) -> Representation:
    wanted = select(cls).where(cls.id == key(pk))
    whole = wanted.options(joinedload(cls.person), joinedload(cls.representative))
    found: Representation | None = g.session.scalars(whole).first()
    return found or not_there()


def _asked(service: Any, pk: str) -> Any:
    """A question of one of the services, of one's own municipality."""
    wanted = service.with_people()
    cls = wanted.column_descriptions[0]["entity"]
    return g.session.scalars(wanted.where(cls.id == key(pk))).first() or not_there()


def _paper(pk: str) -> PaperConsent:
    """What one has been shown; it is gone from sight when somebody has answered."""
    wanted = papers.with_people().where(PaperConsent.id == key(pk))
    row: PaperConsent | None = g.session.scalars(wanted).first()
    if row is None:
        raise AnsweredAlready
    return row
