"""Messages in a plan (meldingar): by thread, and one thread with its answer below it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response

from models.elements.message import Message
from models.keys import HIGHEST, key
from models.plan import Participant
from models.vocabulary import Circle, Scope
from security.policy import Forbidden
from services import attachments
from services.messages import others
from services.threads import IN_A_THREAD, message_of, thread_of, unread
from views.plan.answering import Answering
from views.plan.correcting import may_correct
from views.plan.messages import whom
from views.plan.thread_lines import asked_for, to_whom
from views.plan.versions import versions_address
from views.realm import PlanPage, needs, not_there, see_other


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
        before = key(request.args.get("before", "")) if "before" in request.args else None
        found = thread_of(g.session, g.plan.id, pk, before) if pk <= HIGHEST else ()
        if not found:
            not_there()
        people = others(g.session, g.plan)
        if request.method == "GET":
            answer = None if before else Answering(found[-1], people)
            return self._shown(found, people, answer)
        answer = Answering(_answered(found), people)
        if answer.form is None:
            raise Forbidden("an answer is for those who may write to whom it goes to")
        if answer.is_to_be_sent():
            sent = answer.send()
            flash(gettext("The answer is sent."), "success")
            return see_other(url_for("Threads.thread", pk=sent.id if sent else pk))
        answer.form.files.are_lost()
        page = self._shown(found, people, answer)
        g.session.let_go()
        return page, 422

    def _shown(
        self, found: Sequence[Message], people: Sequence[Participant], answer: Answering | None
    ) -> str:
        older, found = len(found) > IN_A_THREAD, found[-IN_A_THREAD:]
        opened, newest = found[0], found[-1]
        names = {one.person_id: one.person.name for one in people}
        g.looked_at = {one.id for one in found}
        page = self.render_template(
            "plan/thread.html",
            title=newest.subject_line,
            messages=found,
            files=attachments.of_messages(g.session, g.looked_at),
            named=partial(_named, names | {g.actor.person_id: g.actor.name}),
            to_whom=to_whom,
            new={pk for pk, _ in unread(g.session, {opened.thread})},
            versions=versions_address,
            may_correct=may_correct,
            size=_size,
            older=url_for("Threads.thread", pk=opened.id, before=opened.id) if older else "",
            newest="" if answer else url_for("Threads.thread", pk=opened.id),
            form=answer and answer.form,
            readers=answer.readers() if answer and answer.form else [],
            to_others=_to_others(newest),
            alone=any(one.circle is Circle.COORDINATOR_ONLY for one in found),
        )
        return str(page)


def _answered(found: Sequence[Message]) -> Message:
    """The message the form said it answers; never one that came later, to other people."""
    said = key(request.form.get("answered", ""))
    answered = message_of(g.session, g.plan.id, said) if said is not None else found[-1]
    if answered is None or answered.thread != found[0].thread:
        abort(400)
    return answered


def _to_others(newest: Message) -> str:
    """Where one writes to other people about it: a message of its own, under the same subject."""
    mine = newest.author_id == g.actor.person_id
    if mine or newest.circle is Circle.COORDINATOR_ONLY or not g.access.is_open or not whom():
        return ""
    return url_for("Compose.page", to=newest.id)


def _named(names: dict[int, str], message: Message) -> str:
    """Who got it, by name, when it was more than one."""
    to = sorted(filter(None, (names.get(one.person_id) for one in message.recipients)))
    return ", ".join(to) if message.circle is Circle.CHOSEN and len(to) > 1 else ""


def _size(length: int) -> str:
    return f"{length / 1_000_000:.1f} MB" if length >= 100_000 else f"{max(1, length // 1000)} kB"
