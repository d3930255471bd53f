"""An answer below a thread (svar): to the same people, or to the coordinator only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import g, request
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField

from models.elements.message import Message
from models.plan import Participant
from models.vocabulary import Circle, Package
from services.messages import answered_by, send_message, to_be_written_to
from views.once import once
from views.plan.letter_form import LetterForm, words_field
from views.plan.messages import whom
from views.plan.reading import SAME, Readers, readers_of

ONLY = str(Circle.COORDINATOR_ONLY)


class AnswerForm(LetterForm):
    """`answered`: the message that was the newest when the form was opened."""

    answered = HiddenField()
    body = words_field(lazy_gettext("Your answer"))

    def shown_fields(self) -> list[Any]:
        return [self.who, self.body, self.files]


class Answering:
    """One's answer to a message: whom it can go to, and its form; None for those who may not
    answer here. people: all who take part, as `services.messages.others` finds them."""

    def __init__(self, answered: Message, people: Sequence[Participant]) -> None:
        self.answered = answered
        self.team = to_be_written_to(people)
        self.same = answered_by(people, answered)
        self.choices = list(self._choices())
        self.form = self._form() if self.choices else None

    def _choices(self) -> Any:
        """What is for the coordinator only is answered by nobody but its author, since any answer
        of the coordinator has more readers."""
        circle = self.answered.circle
        open_to = dict(whom()) if g.access.is_open else {}
        by_shell = str(Circle.CHOSEN) in open_to or str(circle) in open_to
        if circle is not Circle.COORDINATOR_ONLY and self.same and by_shell:
            names = ", ".join(one.person.name for one in self.same)
            yield SAME, gettext("The same people: %(names)s", names=names)
        if ONLY in open_to:
            yield ONLY, open_to[ONLY]

    def _form(self) -> AnswerForm:
        form = AnswerForm()
        form.who.choices = self.choices
        if request.method == "GET":
            if form.draft_since is None:
                form.who.data = self.choices[0][0]
            form.answered.data = str(self.answered.id)
        self.until_now = form.goes_to(self.same)
        return form

    def is_to_be_sent(self) -> bool:
        """Whether the form is filled in, and reaches those it was said to reach."""
        form = self.form
        if form is None or not form.validate_on_submit():
            return False
        if form.who.data == SAME:
            return form.is_as_said(self.until_now, self.same)
        if any(one.package is Package.COORDINATOR for one in self.team):
            return True
        form.who.errors = [gettext("Nobody would get it. Choose somebody else.")]
        return False

    def send(self) -> Message | None:
        """Send it, once; None when an earlier press has sent it."""
        assert self.form is not None
        form, answered = self.form, self.answered
        same = form.who.data == SAME
        team = self.same if same else self.team
        to = {p.person_id for p in team if same or p.package is Package.COORDINATOR}
        circle = answered.circle if same else Circle.COORDINATOR_ONLY
        send = partial(
            send_message, g.session, g.plan, team, subject=answered.subject_line,
            body=form.body.data or "", circle=circle, to=to, uid=str(form.uid.data),
            files=form.files.data, thread=answered.thread,
        )  # fmt: skip
        return once(Message, form.uid.data, send)

    def readers(self) -> Readers:
        """Who can read it, for each choice there is."""
        return readers_of([choice for choice, _ in self.choices], self.team, self.same)
