"""Messages in a plan (meldingar): by thread, and one thread with its answer below it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import HiddenField

from models.elements.message import Message
from models.keys import key
from models.people import Person
from models.vocabulary import Circle, Package, Scope
from security.policy import Forbidden
from services import attachments
from services.messages import answered_by, reachable, send_message
from services.threads import IN_A_THREAD, message_of, messages_of, unread
from views.once import once
from views.plan.correcting import may_correct, the_message
from views.plan.letter_form import LetterForm, words_field
from views.plan.messages import whom
from views.plan.reading import SAME, readers_of
from views.plan.thread_lines import asked_for, to_whom
from views.plan.versions import versions_address
from views.realm import PlanPage, needs, see_other


class AnswerForm(LetterForm):
    """`answered`: the message that was the newest when the form was opened."""

    answered = HiddenField()
    body = words_field(lazy_gettext("Your answer"))

    def shown_fields(self) -> list[Any]:
        return [self.who, self.body, self.files]


class Threads(PlanPage):
    route_base = "/plan/<int:plan_id>/message"
    part = Scope.MESSAGES

    @expose("/list/")
    @needs("read")
    def page(self) -> str:
        page = self.render_template(
            "plan/messages.html",
            title=gettext("Messages"),
            may_write=g.access.is_open and bool(whom()),
            **asked_for("Threads.page", g.plan.id),
        )
        return str(page)

    @expose("/show/<int:pk>", methods=["GET", "POST"])
    @needs("read")
    def thread(self, pk: int) -> str | Response | tuple[str, int]:
        opened = the_message(pk)
        if request.method == "GET":
            return self._thread(opened, _answer_form(opened, _newest(opened)))
        answered = _answered(opened)
        form = _answer_form(opened, answered)
        if form is None:
            raise Forbidden("an answer is for those who may write to whom it goes to")
        partners = answered_by(g.session, g.plan, answered)
        until_now = form.goes_to(partners)
        if form.validate_on_submit() and _reaches_somebody(form, partners, until_now):
            return self._send(form, answered)
        form.files.are_lost()
        page = self._thread(opened, form)
        g.session.rollback()
        return page, 422

    def _send(self, form: AnswerForm, answered: Message) -> Response:
        only = form.who.data != SAME
        team = reachable(g.session, g.plan) if only else answered_by(g.session, g.plan, answered)
        to = {p.person_id for p in team if not only or p.package is Package.COORDINATOR}
        circle = Circle.COORDINATOR_ONLY if only else answered.circle
        send = partial(
            send_message, g.session, g.plan, team, subject=answered.subject_line,
            body=form.body.data or "", circle=circle, to=to, uid=str(form.uid.data),
            files=form.files.data, thread=answered.thread,
        )  # fmt: skip
        sent = once(Message, form.uid.data, send)
        flash(gettext("The answer is sent."), "success")
        return see_other(url_for("Threads.thread", pk=sent.id if sent else answered.id))

    def _thread(self, opened: Message, form: AnswerForm | None) -> str:
        before = key(request.args.get("before", "")) if "before" in request.args else None
        found = messages_of(g.session, opened, before)
        older, found = len(found) > IN_A_THREAD, found[-IN_A_THREAD:]
        newest = found[-1] if found else abort(404)
        g.looked_at = {one.id for one in found}
        page = self.render_template(
            "plan/thread.html",
            title=newest.subject_line,
            messages=found,
            files=attachments.of_messages(g.session, g.looked_at),
            names=_names(found),
            named=_named,
            to_whom=to_whom,
            new={pk for pk, _ in unread(g.session, {opened.thread})},
            versions=versions_address,
            may_correct=may_correct,
            size=_size,
            older=url_for("Threads.thread", pk=opened.id, before=found[0].id) if older else "",
            form=form,
            readers=_readers(form, opened),
            to_others=_to_others(newest),
            alone=any(one.circle is Circle.COORDINATOR_ONLY for one in found),
        )
        return str(page)


def _newest(opened: Message) -> Message:
    return messages_of(g.session, opened)[-1]


def _answered(opened: Message) -> Message:
    """The message the form said it answers; never one that came later, to other people."""
    said = key(request.form.get("answered", ""))
    found = message_of(g.session, g.plan.id, said) if said is not None else _newest(opened)
    if found is None or found.thread != opened.thread:
        abort(400)
    return found


def _answer_form(opened: Message, answered: Message) -> AnswerForm | None:
    """None for those who may not answer here: what is for the coordinator only is answered by
    nobody but its author, since any answer of the coordinator has more readers."""
    open_to = dict(whom()) if g.access.is_open else {}
    only = str(Circle.COORDINATOR_ONLY)
    choices = []
    if answered.circle is not Circle.COORDINATOR_ONLY:
        partners = answered_by(g.session, g.plan, answered)
        by_shell = str(Circle.CHOSEN) in open_to or str(answered.circle) in open_to
        if partners and by_shell:
            names = ", ".join(one.person.name for one in partners)
            choices.append((SAME, gettext("The same people: %(names)s", names=names)))
    if only in open_to and not g.access.coordinator:
        choices.append((only, open_to[only]))
    if not choices:
        return None
    form = AnswerForm()
    form.who.choices = choices
    if request.method == "GET":
        if form.draft_since is None:
            form.who.data = choices[0][0]
        form.answered.data = str(answered.id)
        form.goes_to(answered_by(g.session, g.plan, answered))
    return form


def _reaches_somebody(form: AnswerForm, partners: Sequence[Any], until_now: str) -> bool:
    if form.who.data == SAME:
        return form.is_as_said(until_now, partners)
    if any(one.package is Package.COORDINATOR for one in reachable(g.session, g.plan)):
        return True
    form.who.errors = [gettext("Nobody would get it. Choose somebody else.")]
    return False


def _readers(form: AnswerForm | None, opened: Message) -> list[tuple[str, str]]:
    if form is None:
        return []
    answered = message_of(g.session, g.plan.id, key(str(form.answered.data)) or opened.id) or opened
    partners = answered_by(g.session, g.plan, answered)
    choices: Any = form.who.choices
    return readers_of([choice for choice, _ in choices], reachable(g.session, g.plan), partners)


def _to_others(newest: Message) -> str:
    """Where one writes to other people about it: a message of its own, under the same subject."""
    mine = newest.author_id == g.actor.person_id
    if mine or newest.circle is Circle.COORDINATOR_ONLY or not g.access.is_open or not whom():
        return ""
    return url_for("Compose.page", to=newest.id)


def _names(messages: Sequence[Message]) -> dict[int, str]:
    people = {one.person_id for message in messages for one in message.recipients}
    wanted = select(Person.id, Person.name).where(Person.id.in_(people))
    return {row.id: row.name for row in g.session.execute(wanted)}


def _named(message: Message, names: dict[int, str]) -> str:
    """Who got it, by name, when it was more than one."""
    to = sorted(filter(None, (names.get(one.person_id) for one in message.recipients)))
    return ", ".join(to) if message.circle is Circle.CHOSEN and len(to) > 1 else ""


def _size(length: int) -> str:
    return f"{length / 1_000_000:.1f} MB" if length >= 100_000 else f"{max(1, length // 1000)} kB"
