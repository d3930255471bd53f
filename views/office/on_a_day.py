"""Who had a plan or a coordinator on a given day (stode på ein dato), page by key and as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from flask import abort, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired

from models.clock import today
from models.i18n import N_
from models.people import Person
from models.plan import PlanRegister
from models.vocabulary import PlanType
from services.on_a_day import Had, days_of, had_on, persons_on, was_individual
from views.fields import DayField, has_come
from views.forms import Form
from views.office.by_name import BY_NAME, ByName
from views.office.taking_out import as_file
from views.realm import HandMade, Realm, needs
from views.words import shown

HEADS = (
    N_("Person"), N_("Birth date"), N_("Plan"), N_("Plan since"), N_("Coordinator"),
    N_("Coordinator since"),
)  # fmt: skip


class DayForm(Form):
    day = DayField(lazy_gettext("Day"), validators=[InputRequired(), has_come])

    class Meta(Form.Meta):
        csrf = False  # it is a question, and changes nothing

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            return formdata


class OnADay(ByName, HandMade):
    """The last day of last year, when no other is asked for."""

    realm = Realm.REGISTER
    route_base = "/register/on-a-day"
    class_permission_name = "Numbers"

    @expose("/")
    @needs("show")
    def list(self) -> str | tuple[str, int]:
        form = _form()
        right = form.validate()
        title, heads = gettext("Plans and coordinators on a day"), [gettext(one) for one in HEADS]
        if not right:
            page = self.render_template("office/on_a_day.html", title=title, form=form, rows=None)
            return str(page), 422
        day: Any = form.day.data
        page = self.a_page(persons_on(day))
        people = [row[0] for row in page.pop("rows")]
        return str(
            self.render_template(
                "office/on_a_day.html",
                title=title,
                form=form,
                day=day,
                heads=heads,
                rows=[*_lines(day, people)],
                file=url_for("OnADay.file", day=day),
                **page,
            )
        )

    def asked(self) -> dict[str, Any]:
        return {name: day for name, day in request.args.items() if name == "day"}

    @expose("/file")
    @needs("export")
    def file(self) -> Response:
        form = _form()
        if not form.validate():
            abort(400)
        day: Any = form.day.data

        def lines(people: Sequence[Person]) -> Iterable[Iterable[Any]]:
            return _lines(day, people)

        heads = [gettext(one) for one in HEADS]
        wanted = self.narrowed(persons_on(day))
        return as_file(wanted, BY_NAME, heads, lines, f"on-a-day-{day}")


def _form() -> DayForm:
    last_year = date(today().year - 1, 12, 31)
    return DayForm(MultiDict({"day": request.args.get("day", str(last_year))}))


def _lines(day: date, people: Sequence[Person]) -> Iterator[tuple[Any, ...]]:
    """Row by row, head by head."""
    had = had_on(g.session, day, people) if people else {}
    for person in people:
        yield (person.name, person.birth_date, *_cells(day, had[person.id]))


def _cells(day: date, had: Had) -> Iterator[str]:
    yield ", ".join(_kind(plan, day) for plan in had.plans)
    yield _days(days_of(had.plans))
    yield ", ".join(one.coordinator.name for one in had.appointments)
    yield _days(days_of(had.appointments))


def _kind(plan: PlanRegister, day: date) -> str:
    """What it was then, as far as the register remembers."""
    if plan.type is PlanType.INDIVIDUAL_PLAN and not was_individual(plan, day):
        return str(gettext("Became an individual plan later"))
    return shown(plan.type)


def _days(days: Iterable[date]) -> str:
    return ", ".join(f"{day:%d.%m.%Y}" for day in days)
