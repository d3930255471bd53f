"""Lines of a list of threads (trådliste): in one plan, and in all one's plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, g, request, url_for
from flask_babel import gettext, ngettext

from models.elements.message import Message
from models.keys import key
from models.vocabulary import Circle
from services.threads import A_PAGE, Show, threads, unread
from views.words import shown


@dataclass(frozen=True, slots=True)
class Line:
    """A thread by its newest message: where it is read, what about, by whom, to whom, when."""

    url: str
    subject: str
    by: str
    to: str
    at: datetime
    is_new: bool
    plan: str


def asked_for(endpoint: str, plan_id: int | None) -> dict[str, Any]:
    """What a page of threads shows, as its address asks: which, and from where on."""
    said = request.args.get("show", Show.ALL)
    show = Show(said) if said in set(Show) else abort(400)
    before = request.args.get("before", "")
    last = (key(before) or abort(400)) if before else None
    found = threads(g.session, show, plan_id, last)
    more, found = len(found) > A_PAGE, found[:A_PAGE]
    new = _new({message.thread for message, _ in found})
    labels = {Show.ALL: gettext("All"), Show.UNREAD: gettext("Unread"), Show.SENT: gettext("Sent")}
    return {
        "lines": [_line(message, name, message.thread in new) for message, name in found],
        "ways": [
            (label, url_for(endpoint, **_asked(one)), one is show) for one, label in labels.items()
        ],
        "older": url_for(endpoint, **_asked(show), before=found[-1][0].id) if more else "",
        "show": str(show),
        "is_first": last is None,
    }


def _asked(show: Show) -> dict[str, Any]:
    return {} if show is Show.ALL else {"show": str(show)}


def _new(found: set[str]) -> set[str]:
    return {thread for _, thread in unread(g.session, found)}


def _line(message: Message, plan: str, is_new: bool) -> Line:
    mine = message.author_id == g.actor.person_id
    return Line(
        url_for("Threads.thread", plan_id=message.plan_id, pk=message.id),
        message.subject_line,
        gettext("You") if mine else (message.author.name if message.author else ""),
        to_whom(message),
        message.created_at,
        is_new,
        plan,
    )


def to_whom(message: Message) -> str:
    """To whom, without a name: it is how many that counts."""
    if message.circle is not Circle.CHOSEN:
        return shown(message.circle)
    to = {one.person_id for one in message.recipients}
    others = len(to - {g.actor.person_id})
    if g.actor.person_id not in to:
        return str(ngettext("To %(num)s person", "To %(num)s persons", others))
    if not others:
        return str(gettext("To you"))
    return str(ngettext("To you and %(num)s more", "To you and %(num)s more", others))
