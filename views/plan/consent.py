"""The consent (samtykke): what is asked, signing it, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import get_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from models.clock import months_later, today, utcnow
from models.consent import Consent, ConsentLine, Hearing, Signature, SignatureAnswer
from models.people import Person
from models.plan import Participant
from models.vocabulary import Language, Level, LifeArea, Scope
from security.agreement import deciders
from security.policy import Forbidden
from services.consent import (
    LONGEST_MONTHS,
    Answer,
    consent_in_force,
    consent_text,
    lines_of,
    page_digest,
    sign,
    signatures,
    waiting_consent,
    withdraw_person,
    withdraw_plan,
)
from services.sign_in import is_own_password
from views.fields import stripped
from views.forms import Form
from views.realm import PlanPage, needs, see_other

LENGTHS = (3, 6, 12)
LONGEST_OPINION = 2000


@dataclass(slots=True)
class Card:
    """One person the consent asks about, and what was answered so far."""

    participant: Participant
    lines: list[ConsentLine]
    answer: str = ""
    older: bool = False
    areas: frozenset[LifeArea] = frozenset()
    levels: dict[int, str] = None  # type: ignore[assignment]
    error: str = ""

    @property
    def id(self) -> int:
        return self.participant.person_id

    @property
    def name(self) -> str:
        return self.participant.person.name

    def level_of(self, line: ConsentLine) -> str:
        return (self.levels or {}).get(line.id, "")

    def meaning(self, line: ConsentLine) -> Level | None:
        """What a yes to this line means; None when the part is left out."""
        chosen = self.level_of(line)
        if chosen == "none":
            return None
        return Level(chosen) if chosen else line.level


class ConsentPage(PlanPage):
    route_base = "/plan/<int:plan_id>/consent"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        _not_for_participants()
        waiting, in_force = (
            waiting_consent(g.session, g.plan.id),
            consent_in_force(g.session, g.plan.id),
        )
        signed = {s.person_id for s in signatures(g.session, waiting)} if waiting else set()
        if in_force is not None and (in_force.until is None or in_force.until <= utcnow()):
            in_force = None  # it ended by itself, and nobody is in
        return str(
            self.render_template(
                "plan/consent.html",
                title=gettext("Consent"),
                waiting=waiting,
                in_force=in_force,
                signers=_signers(signed),
                signed_by_me=g.actor.person_id in signed,
                team=_team(),
            )
        )

    @expose("/sign", methods=["GET", "POST"])
    @needs("write")
    def sign(self) -> str | Response | tuple[str, int]:
        if not g.access.decides or not g.access.is_open:
            raise Forbidden("only those who decide sign, in an open plan")
        consent = waiting_consent(g.session, g.plan.id)
        if consent is None or consent.status is not consent.status.SENT:
            abort(409)
        if g.actor.person_id in {s.person_id for s in signatures(g.session, consent)}:
            abort(409)
        sheet = Sheet(consent, lines_of(g.session, consent), request.form)
        if request.method == "GET":
            return self._sheet(sheet)
        if not sheet.check():
            return self._sheet(sheet), 422
        if "sign" not in request.form:
            return self._summary(sheet)
        if not is_own_password(g.session, g.session.get_bind(), request.form.get("password", "")):
            sheet.password_error = gettext("That is not your password. Nothing is signed yet.")
            return self._summary(sheet), 422
        in_force = sign(
            g.session, g.plan, consent, sheet.answers(),
            until=sheet.until or today(), language=sheet.language,
            shown=request.form.get("shown", ""), opinion=sheet.opinion,
        )  # fmt: skip
        flash(_thanks(in_force), "success")
        return see_other(url_for("ConsentPage.receipt"))

    def _sheet(self, sheet: Sheet) -> str:
        page = {"title": gettext("Who may see what?"), "sheet": sheet, "form": Form()}
        g.wrong = bool(sheet.errors)
        page |= {"lengths": LENGTHS, "last_day": months_later(today(), LONGEST_MONTHS)}
        page |= {"levels": Level, "life_areas": LifeArea, "today": today()}
        html = str(self.render_template("plan/sign.html", **page))
        return html

    def _summary(self, sheet: Sheet) -> str:
        g.wrong = bool(sheet.password_error)
        page = {"title": gettext("Look it over and sign"), "sheet": sheet, "form": Form()}
        html = str(self.render_template("plan/sign_summary.html", **page))
        g.session.rollback()
        return html

    @expose("/receipt")
    @needs("read")
    def receipt(self) -> str:
        mine = select(Signature).where(
            Signature.plan_id == g.plan.id, Signature.person_id == g.actor.person_id
        )
        signature = g.session.scalars(mine.order_by(Signature.id.desc())).first() or abort(404)
        consent = g.session.get(Consent, signature.consent_id) or abort(404)
        said = select(SignatureAnswer).where(SignatureAnswer.signature_id == signature.id)
        answers = {a.line_id: a for a in g.session.scalars(said)}
        hearing = select(Hearing).where(Hearing.signature_id == signature.id)
        return str(
            self.render_template(
                "plan/receipt.html",
                title=gettext("Receipt"),
                signature=signature,
                consent=consent,
                cards=_cards(lines_of(g.session, consent)),
                answers=answers,
                hearing=g.session.scalars(hearing).first(),
            )
        )

    @expose("/withdraw/<int:person_id>", methods=["GET", "POST"])
    @needs("write")
    def withdraw(self, person_id: int) -> str | Response:
        _deciders_only()
        person = _participant(person_id).person
        if request.method == "POST":
            withdraw_person(g.session, g.plan, person_id)
            flash(gettext("%(name)s no longer has access.", name=person.name), "success")
            return see_other(url_for("ConsentPage.page"))
        text = gettext(
            "%(name)s will be out at once, and what %(name)s has written stays in the plan. "
            "%(name)s is told.",
            name=person.name,
        )
        return self._confirm(gettext("Withdraw access"), text)

    @expose("/withdraw", methods=["GET", "POST"])
    @needs("write")
    def withdraw_all(self) -> str | Response:
        _deciders_only()
        if request.method == "POST":
            withdraw_plan(g.session, g.plan)
            flash(gettext("Nobody but you and the owner's side can read the plan now."), "success")
            return see_other(url_for("ConsentPage.page"))
        text = gettext(
            "Everybody is out at once, the coordinator too. The plan stays as it is, and a new "
            "consent starts it again. It costs you nothing."
        )
        return self._confirm(gettext("Withdraw the whole consent"), text)

    def _confirm(self, title: str, text: str) -> str:
        back = url_for("ConsentPage.page")
        return str(self.render_template("plan/confirm.html", title=title, text=text, back_url=back))


class Sheet:
    """The signing page as it was filled in: one answer a person, one date, the child's words."""

    def __init__(
        self, consent: Consent, lines: Sequence[ConsentLine], form: MultiDict[str, str]
    ) -> None:
        self.consent, self.lines, self.form = consent, lines, form
        self.language = Language(str(get_locale()))
        self.text = consent_text(g.session, consent.plan_type, self.language)
        self.shown = page_digest(self.text, lines)
        self.cards = _cards(lines)
        self.child = today() < g.plan.owner_decides_from
        self.opinion = cast(str | None, stripped(form.get("opinion", "")))
        self.length = form.get("length", "")
        self.until: date | None = None
        self.other_date = form.get("until", "")
        self.errors: list[tuple[str, str]] = []
        self.password_error = ""
        for card in self.cards:
            self._read(card)

    def _read(self, card: Card) -> None:
        card.answer = self.form.get(f"answer-{card.id}", "")
        card.older = self.form.get(f"older-{card.id}") == "yes"
        chosen = self.form.getlist(f"area-{card.id}")
        card.areas = frozenset(area for area in LifeArea if area in chosen)
        allowed = {"", "none", *Level}
        levels = {line.id: self.form.get(f"level-{line.id}", "") for line in card.lines}
        card.levels = {key: value if value in allowed else "" for key, value in levels.items()}

    def check(self) -> bool:
        """Everybody answered, a date within reach, and a child is heard."""
        for card in self.cards:
            if card.answer not in ("yes", "no"):
                card.error = gettext("Answer yes or no for %(name)s.", name=card.name)
                self.errors.append((f"answer-{card.id}", card.error))
        self.until = self._date()
        if self.until is None:
            self.errors.append(("length", gettext("Choose how long, at most 12 months.")))
        too_long = len(self.opinion or "") > LONGEST_OPINION or "\x00" in (self.opinion or "")
        if self.child and not self.opinion:
            self.errors.append(("opinion", gettext("Write what the child means about it.")))
        elif too_long:
            self.errors.append(("opinion", gettext("Make the text shorter.")))
        if self.form.get("shown") != self.shown:
            self.errors.append(("top", gettext("The proposal has changed. Look through it again.")))
        return not self.errors

    def _date(self) -> date | None:
        if self.length in map(str, LENGTHS):
            return months_later(today(), int(self.length))
        try:
            wish = date.fromisoformat(self.other_date)
        except ValueError:
            return None
        return wish if today() < wish <= months_later(today(), LONGEST_MONTHS) else None

    def error_at(self, name: str) -> str:
        return next((text for where, text in self.errors if where == name), "")

    def answers(self) -> dict[int, Answer]:
        """Line id -> answer, for the service."""
        return {line.id: _answer(card, line) for card in self.cards for line in card.lines}


def _answer(card: Card, line: ConsentLine) -> Answer:
    level = card.meaning(line)
    areas = card.areas if card.areas and line.scope.has_life_areas else line.life_areas
    accepted = card.answer == "yes" and level is not None
    return Answer(accepted, level or line.level, areas, card.older)


def _cards(lines: Sequence[ConsentLine]) -> list[Card]:
    order = list(Scope)
    cards = {p.person_id: Card(p, []) for p in _team()}
    for line in sorted(lines, key=lambda one: order.index(one.scope)):
        cards[line.person_id].lines.append(line)
    return [card for card in cards.values() if card.lines]


def _team() -> Sequence[Participant]:
    wanted = select(Participant).where(Participant.plan_id == g.plan.id)
    with_person = wanted.options(joinedload(Participant.person)).order_by(Participant.id)
    team: Sequence[Participant] = g.session.scalars(with_person).all()
    return team


def _participant(person_id: int) -> Any:
    return next((p for p in _team() if p.person_id == person_id), None) or abort(404)


def _signers(signed: set[int]) -> list[tuple[str, bool]]:
    ids = deciders(g.session, g.plan)
    people = g.session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.id))
    return [(person.name, person.id in signed) for person in people]


def _thanks(in_force: bool) -> str:
    if in_force:
        return str(gettext("Signed. Those you said yes to are let in now."))
    return str(gettext("Signed. Nobody is let in before everybody has signed."))


def _deciders_only() -> None:
    if not g.access.withdraws:
        raise Forbidden("only those who decide withdraw")


def _not_for_participants() -> None:
    if not (g.access.owners_side or g.access.coordinator):
        raise Forbidden("the consent is between the owner's side and the coordinator")
