"""One's notices (varsel): what has come, and how one wants to be told."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from models.account import Account
from models.contact import telephone
from models.keys import key
from models.people import Person
from models.plan import Plan
from models.vocabulary import Channel, Topic
from security.audit import Noted
from services.notice_choices import Wish, choose, own
from services.notice_kinds import TOPICS
from services.notices import own_notices, see_all
from views.choices import BoxesField, HourField
from views.forms import Form
from views.notice_pages import address
from views.realm import AccountPage, needs, see_other
from views.words import headline

A_PAGE = 50
DAILY = "daily"


class Notices(AccountPage):
    """The newest first. Of a plan one may not see any more, only that something came."""

    route_base = "/notices"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        before = request.args.get("before", "")
        last = (key(before) or abort(400)) if before else None
        notices = own_notices(g.session, A_PAGE + 1, last)
        more, notices = len(notices) > A_PAGE, notices[:A_PAGE]
        plans = _plans({one.plan_id for one in notices if one.plan_id})
        return str(
            self.render_template(
                "notices.html",
                title=gettext("Notices"),
                notices=notices,
                plans=plans,
                headline=headline,
                address=address,
                older=url_for("Notices.page", before=notices[-1].id) if more else "",
            )
        )

    @expose("/seen", methods=["POST"])
    @needs("write")
    def seen(self) -> Response:
        see_all(g.session)
        flash(gettext("All notices are marked as seen."), "success")
        return see_other(url_for("Notices.page"))


def _plans(wanted: set[int]) -> dict[int, str]:
    """Plan id -> short name, of those one may see today."""
    if not wanted:
        return {}
    found = g.session.execute(select(Plan.id, Plan.short_name).where(Plan.id.in_(wanted)))
    names = {row.id: row.short_name for row in found}
    if names:
        g.session.note(Noted(0, "list", "plan", "own plans", rows=set(names)))
    return names


class _ChoicesForm(Form):
    """One field for each topic: the channels, and whether it is gathered."""

    quiet_from = HourField(lazy_gettext("No SMS from"))
    quiet_to = HourField(lazy_gettext("until"))
    channels: list[tuple[str, str]]

    def topics(self) -> list[Any]:
        return [self[topic] for topic in Topic]

    def validate_quiet_to(self, field: Any) -> None:
        if (field.data is None) != (self.quiet_from.data is None):
            raise ValidationError(gettext("Choose both hours, or none of them."))

    def wishes(self) -> dict[Topic, Wish]:
        return {topic: _wish(self[topic].data or []) for topic in Topic}


def _must_arrive(form: Any, field: Any) -> None:
    """Where somebody has an address, what must arrive goes there."""
    able = {value for value, _ in form.channels} - {DAILY}
    if able and not able & set(field.data or ()):
        raise ValidationError(gettext("Choose at least one: this must reach you."))


def _topic_field(topic: Topic) -> BoxesField:
    rules = [_must_arrive] if topic.must_arrive else []
    return BoxesField(lazy_gettext(TOPICS[topic]), validators=rules)


ChoicesForm = type(
    "ChoicesForm", (_ChoicesForm,), {str(topic): _topic_field(topic) for topic in Topic}
)


class NoticeChoices(AccountPage):
    route_base = "/notices/choices"

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def page(self) -> str | Response | tuple[str, int]:
        me = g.session.get_one(Person, g.actor.person_id)
        account = g.session.get_one(Account, g.actor.account_id)
        form = _form(me, account)
        if (me.email or me.phone) and form.validate_on_submit():
            quiet = (form.quiet_from.data, form.quiet_to.data)
            choose(g.session, form.wishes(), quiet)
            flash(gettext("This is how you are told from now on."), "success")
            return see_other(url_for("NoticeChoices.page"))
        page = self.render_template(
            "notice_choices.html",
            title=gettext("How you are told"),
            form=form,
            mail=me.email,
            phone=telephone(me.phone) if me.phone else "",
        )
        g.session.rollback()
        return str(page), 422 if form.errors else 200


def _form(me: Person, account: Account) -> Any:
    """With what is chosen, or what is usual, as it would reach this person."""
    channels = [
        *([(str(Channel.MAIL), gettext("E-mail"))] if me.email else []),
        *([(str(Channel.SMS), gettext("SMS"))] if me.phone else []),
        (DAILY, gettext("Gathered once a day")),
    ]
    first = {Channel(channels[0][0])} if len(channels) > 1 else set()
    quiet = {"quiet_from": account.quiet_from, "quiet_to": account.quiet_to}
    wishes = own(g.session)
    shown = {
        str(topic): [
            *(first if wish.channels is None else wish.channels),
            *([DAILY] if wish.daily else []),
        ]
        for topic, wish in wishes.items()
    }
    form = ChoicesForm(**shown, **quiet)
    form.channels = channels
    for field in form.topics():
        field.choices = channels
    return form


def _wish(ticked: list[str]) -> Wish:
    wanted = frozenset(Channel(one) for one in ticked if one != DAILY)
    return Wish(wanted, DAILY in ticked)
