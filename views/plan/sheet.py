"""The signing page as it was filled in (svararket): a card a person, one date, the child heard."""

from __future__ import annotations

from datetime import date
from typing import cast

from flask import g
from flask_babel import get_locale, gettext
from werkzeug.datastructures import MultiDict

from models.clock import last_day, months_later, today
from models.consent import Consent, ConsentText
from models.language import Tongue
from models.vocabulary import Heard, Scope
from security.ages import last_moment
from services.answer import Answer, ChildHeard
from services.carried import carried
from services.consent import lines_of, team_with_people
from services.consent_texts import best, texts
from services.outside import Ways, outside_lines, said_before
from services.packages import scopes
from services.signing import LONGEST_MONTHS
from services.statement import statement
from views.fields import stripped
from views.forms import Form
from views.plan.card import cards_of
from views.plan.outside_card import OutsideCard, outside_cards

LENGTHS = (3, 6, 12)
AS_BEFORE = "before"
NOT_HEARD = "no"
LONGEST_OPINION = 2000


class SheetForm(Form):
    """Carries no field of its own; a draft is kept of the answers all the same."""

    def keeps_draft(self) -> bool:
        return True


class Sheet:
    """One answer a person, one date, and whether the child was heard.

    in_force: the consent that lasts, whose answers stand where the same is asked.
    """

    def __init__(
        self, consent: Consent, in_force: Consent | None, form: MultiDict[str, str]
    ) -> None:
        self.consent, self.in_force = consent, in_force
        self.texts = texts(g.session, consent.plan_type)
        self.text = best(self.texts, form.get("read") or form.get("text") or str(get_locale()))
        self.lines = lines_of(g.session, consent)
        self.team = team_with_people(g.session, g.plan.id)
        self.without = outside_lines(g.session, consent)
        self.shown = self.shown_in(self.text)
        self.cards = cards_of(self.lines, self.team, carried(g.session, in_force, self.lines))
        has = scopes(consent.plan_type)
        for card in self.cards:
            asked = {line.scope for line in card.lines}
            card.never = [one for one in Scope if one in has - asked]
        self.outside = outside_cards(self.without, said_before(g.session, in_force, self.without))
        self.errors: list[tuple[str, str]] = []
        self.password_error = ""
        self.fill(form)

    def shown_in(self, text: ConsentText | None) -> str:
        """The digest of what is asked, in the words of this text."""
        return statement(self.consent, text, self.lines, self.team, self.without).digest

    def fill(self, form: MultiDict[str, str]) -> None:
        """Take what was filled in."""
        self.form = form
        self.length, self.other_date = form.get("length", ""), form.get("until", "")
        self.until: date | None = None
        self.heard, self.heard_on = form.get("heard", ""), form.get("heard_on", f"{today()}")
        self.opinion = cast(str | None, stripped(form.get("opinion", "")))
        for card in self.cards:
            card.read(form)
        for one in self.outside:
            one.read(form)

    def go_on(self, begun: MultiDict[str, str]) -> None:
        """What one had come to, when exactly the same is asked; of anything else only the words:
        a yes to one thing must not become a yes to another."""
        words = {name: begun.get(name, "") for name in ("heard", "heard_on", "opinion")}
        self.fill(begun if begun.get("asked") == self.shown else MultiDict(words))

    @property
    def language(self) -> Tongue:
        """What the text is read in."""
        return self.text.language if self.text else Tongue(str(get_locale()))

    @property
    def child(self) -> bool:
        """Whether it is about a child that is to be heard."""
        return bool(today() < g.plan.owner_decides_from)

    @property
    def asked(self) -> list[object]:
        """Cards with something new on them."""
        return [card for card in self.cards if card.new]

    @property
    def standing(self) -> list[object]:
        """Cards of whom everything stands as before."""
        return [card for card in self.cards if not card.new]

    @property
    def outside_asked(self) -> list[OutsideCard]:
        return [card for card in self.outside if card.stands is None]

    @property
    def outside_standing(self) -> list[OutsideCard]:
        return [card for card in self.outside if card.stands is not None]

    @property
    def last_day_before(self) -> date | None:
        """Until when the consent in force lasts."""
        until = self.in_force and self.in_force.until
        return last_day(until) if until else None

    @property
    def last_as_a_child(self) -> date | None:
        """The last day what a child's guardians sign can last, when it comes within reach: some
        days after the child decides."""
        if g.plan.owner_decides_from > months_later(today(), LONGEST_MONTHS):
            return None
        until = last_moment(g.session, g.plan, g.access.owner)
        return last_day(until) if until else None

    def ends(self) -> list[tuple[str, str, date]]:
        """The last days to choose between: value, words and the day itself."""
        lengths = [
            (str(one), gettext("%(months)s months", months=one), months_later(today(), one))
            for one in LENGTHS
        ]
        before = self.last_day_before
        if before is None or not today() < before <= months_later(today(), LONGEST_MONTHS):
            return lengths
        return [(AS_BEFORE, gettext("As before"), before), *lengths]

    def check(self) -> bool:
        """Everybody answered, a date within reach, and a child is heard."""
        self._check_cards()
        self._check_time()
        if self.child:
            self._check_child()
        self._check_shown()
        return not self.errors

    def _check_cards(self) -> None:
        for card in self.cards:
            if card.is_left_out:
                card.error = gettext("Answer yes or no for %(name)s.", name=card.name)
                self.errors.append((f"answer-{card.id}", card.error))
        for one in self.outside:
            if one.is_left_out:
                one.error = gettext("Answer yes or no for %(name)s.", name=one.name)
                self.errors.append((f"answer-{one.id}", one.error))

    def _check_time(self) -> None:
        self.until = self._date()
        if self.until is None:
            self.errors.append(("length", gettext("Choose how long, at most 12 months.")))

    def _check_shown(self) -> None:
        if self.form.get("shown") != self.shown:
            self.errors.append(("top", gettext("The proposal has changed. Look through it again.")))

    def _check_child(self) -> None:
        if self.heard not in (*Heard, NOT_HEARD):
            self.errors.append(("heard", gettext("Say whether the child has been asked.")))
            return
        not_heard = self.heard == NOT_HEARD
        if not self.opinion and not_heard:
            left_out = gettext("Write why the child has not been asked.")
            self.errors.append(("opinion", left_out))
        elif not self.opinion:
            self.errors.append(("opinion", gettext("Write what the child means about it.")))
        elif len(self.opinion) > LONGEST_OPINION or "\x00" in self.opinion:
            self.errors.append(("opinion", gettext("Make the text shorter.")))
        if not not_heard and self._heard_on() is None:
            self.errors.append(("heard_on", gettext("Say which day, today or before.")))

    def _heard_on(self) -> date | None:
        try:
            day = date.fromisoformat(self.heard_on)
        except ValueError:
            return None
        return day if months_later(today(), -LONGEST_MONTHS) <= day <= today() else None

    def _date(self) -> date | None:
        days = {value: day for value, _, day in self.ends()}
        if self.length in days:
            return days[self.length]
        try:
            wish = date.fromisoformat(self.other_date)
        except ValueError:
            return None
        return wish if today() < wish <= months_later(today(), LONGEST_MONTHS) else None

    def error_at(self, name: str) -> str:
        return next((text for where, text in self.errors if where == name), "")

    def answers(self) -> dict[int, Answer]:
        """Line id -> answer, for the service."""
        return {line.id: card.said(line) for card in self.cards for line in card.lines}

    def outside_answers(self) -> dict[int, Ways]:
        """Id of a line about somebody without a sign-in -> what is said yes to."""
        return {card.line.id: card.said for card in self.outside}

    def child_heard(self) -> ChildHeard | None:
        """Of a child that is to be heard, for the service."""
        if not self.child:
            return None
        if self.heard == NOT_HEARD:
            return ChildHeard(reason=self.opinion)
        return ChildHeard(Heard(self.heard), self._heard_on(), self.opinion)
