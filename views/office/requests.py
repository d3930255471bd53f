"""The register of requests (førespurnader): from the form, and those that are written down."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask_babel import get_locale, gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import inspect
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from models.case_words import Arrival, Concerns
from models.clock import today
from models.i18n import N_
from models.language import Language
from models.request import Request
from services import office_lists
from services.case_rules import holds
from services.request_search import is_sought
from services.requests import enter, same_person, see_that_it_is_read
from views.choices import WordsField
from views.fields import AddressField, DayField, has_come, storable, stripped
from views.forms import register_form
from views.office import nominations, whole_case
from views.office.person_field import PersonField
from views.office.register import RegisterRows, RegisterView, RowsWithDays, declare
from views.office.search import sought
from views.office.shown_only import ShownOnly

LONGEST = 5000
WAITING = ShownOnly(
    office_lists.requests,
    {
        "late": N_("Should have been answered"),
        "soon": N_("Due within seven days"),
        "complained": N_("Complaints to look at again"),
        "later": N_("Due later"),
        "sent-on": N_("Complaints sent on, not answered yet"),
        "answered": N_("Answered in the last twelve months"),
        "met": N_("First meeting in the last twelve months"),
    },
    ("late", "soon", "complained"),
)
OF_THE_ANSWER = ("decided_on", "sent_to", "complain_by", "record", "is_recorded")
OF_THE_COMPLAINT = ("reconsidered", "reconsidered_on", "reviewed", "reviewed_on")
OF_THE_CASE = {
    "answer": "decision.outcome",
    **{name: f"decision.{name}" for name in OF_THE_ANSWER},
    "complained_on": "complaint.received_on",
    **{name: f"complaint.{name}" for name in OF_THE_COMPLAINT},
}
"""Column -> where it stands, when there is such a row."""


class RequestRows(RowsWithDays):
    """`who`: whom it is for, by name or as the child that is expected."""

    def narrow(self, statement: Any) -> Any:
        narrowed = super().narrow(statement)
        if sought() and str(request.endpoint).endswith(".list"):
            return narrowed.filter(is_sought(sought()))
        if not str(request.endpoint).endswith(".show"):
            return narrowed
        return narrowed.options(*whole_case.READ)

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        if col in OF_THE_CASE:
            part, name = OF_THE_CASE[col].split(".")
            return getattr(getattr(item, part), name, None)
        if col in whole_case.LINES:
            return "\n".join(whole_case.LINES[col](item)) or None
        if col == "complaint_body":
            return _complaint_body(item)
        if col != "who":
            return RegisterRows._get_attr_value(item, col)
        if item.concerns is Concerns.EXPECTED_CHILD:
            return gettext("A child that is expected")
        return item.person_name


def _complaint_body(item: Request) -> str | None:
    """Who answers the complaint there is."""
    if item.complaint is None:
        return None
    return holds(g.session, item).body_in(str(get_locale()), item.complaint)


class RequestRegister(RegisterView):
    """What was sent is read; who sees to it, and who it is for in our own register, is changed."""

    fixed = ("reference", "who", "received_on")

    def title_of(self, row: Any) -> str:
        return f"{row.reference} · {self.datamodel.get_values_item(row, ['who'])[0]}"

    def new(self, form: FlaskForm) -> Request:
        request: Request = super().new(form)
        request.case_worker_id = g.actor.person_id
        request.language = Language(str(get_locale()))
        return request

    def store(self, item: Request) -> None:
        enter(g.session, item)
        super().store(item)
        see_that_it_is_read(g.session, item)

    def put_right(self, item: Request) -> None:
        is_another = inspect(item).attrs.person_id.history.has_changes()
        super().put_right(item)
        if is_another:
            see_that_it_is_read(g.session, item)

    def presses(self, row: Request) -> list[tuple[str, str]]:
        return [
            *_take(row),
            *whole_case.presses(row),
        ]

    def ways(self, row: Request) -> list[tuple[str, str]]:
        """What comes next in its case; others for the same person: two guardians may have asked."""
        return [
            *whole_case.files(row),
            *_steps(row),
            *whole_case.letters_to_write(row),
            *nominations.ways_for(row),
            *(_other(one) for one in same_person(g.session, row)),
        ]


def _take(row: Request) -> list[tuple[str, str]]:
    if row.case_worker_id is not None:
        return []
    return [(gettext("I see to it"), url_for("Taking.now", pk=row.id))]


def _steps(row: Request) -> list[tuple[str, str]]:
    answer, delay, complaint = (
        url_for(f"{page}.form", pk=row.id) for page in ("Deciding", "Delaying", "Complaining")
    )
    if row.decision is None:
        return [
            *whole_case.weighing(row),
            (gettext("Write down the answer"), answer),
            (gettext("It takes longer"), delay),
        ]
    words = gettext("The complaint") if row.complaint else gettext("A complaint has come")
    return [*whole_case.weighing(row), (gettext("Change the answer"), answer), (words, complaint)]


def _other(request: Request) -> tuple[str, str]:
    words = gettext("Asked for before: %(reference)s", reference=request.reference)
    return words, url_for("RequestView.show", pk=request.id)


def _line(label: str, *rules: Any) -> StringField:
    return StringField(
        lazy_gettext(label), validators=[*rules, Length(max=200), storable], filters=[stripped]
    )


def _text(label: str) -> TextAreaField:
    rules = [Optional(), Length(max=LONGEST), storable]
    return TextAreaField(lazy_gettext(label), validators=rules, filters=[stripped])


FIELDS = {
    "received_on": N_("Received"),
    "arrival": N_("How it came"),
    "concerns": N_("Who it is for"),
    "wanted": N_("What is asked for"),
    "person_name": N_("Name of the person"),
    "birth_date": N_("Birth date"),
    "due_on": N_("Expected"),
    "from_name": N_("From"),
    "from_role": N_("What they are to the person"),
    "from_phone": N_("Telephone"),
    "from_email": N_("E-mail"),
    "is_told": N_("The family knows of it"),
    "words": N_("In their own words"),
    "services": N_("Services today"),
    "coordinator_wish": N_("Wish for a coordinator"),
}


class _Rules:
    """What the fields of a request must be together."""

    def validate(self, *args: Any, **kw: Any) -> bool:
        right: bool = super().validate(*args, **kw)  # type: ignore[misc]
        form: Any = self
        is_expected = form.concerns.data is Concerns.EXPECTED_CHILD
        if right and not is_expected and not form.person_name.data:
            form.person_name.errors = [gettext("Fill in this one too.")]
            return False
        return right


def register() -> type[RegisterView]:
    r, must = Request, DataRequired()
    by_hand = [one for one in Arrival if one is not Arrival.WEB]
    view = declare(
        "Request", r, N_("Requests"), FIELDS, base=RequestRegister, rows=RequestRows,
        eager=(r.case_worker, r.person, r.decision, r.complaint),
        shown=("reference", "received_on", "who", "wanted", "due", "answer", "case_worker"),
        more=(
            "arrival", "concerns", "birth_date", "due_on", "from_name", "from_role", "from_phone",
            "from_email", "is_told", "words", "services", "coordinator_wish", "person",
            "weighed", "inquiries", "put_off", *OF_THE_ANSWER, "former",
            "complained_on", "complaint_body", *OF_THE_COMPLAINT, "letters",
        ),
        labels={
            "reference": N_("Number"), "who": N_("Name of the person"),
            "due": N_("Deadline"), "put_off": N_("Told that it takes longer"),
            "weighed": N_("What is weighed"), "inquiries": N_("More that is asked for"),
            "letters": N_("Letters"), "former": N_("What was answered before"),
            "answer": N_("The answer"), "record": N_("Reference"),
            "decided_on": N_("Date of the answer"), "complain_by": N_("Last day to complain"),
            "is_recorded": N_("Entered in the record system"), "sent_to": N_("Who leads"),
            "complained_on": N_("The complaint came"),
            "complaint_body": N_("Who answers a complaint"),
            "reconsidered": N_("What you have done with it"),
            "reconsidered_on": N_("When you did it"),
            "reviewed": N_("What the complaint body answered"),
            "reviewed_on": N_("When the complaint body answered"),
            "case_worker": N_("Who sees to it"), "person": N_("In the register of persons"),
        },
        order=("id", "desc"), shown_only=WAITING,
        received_on=DayField(
            lazy_gettext("Received"), default=today, validators=[InputRequired(), has_come]
        ),
        arrival=WordsField(
            lazy_gettext("How it came"), Arrival, only=by_hand, validators=[must]
        ),
        person_name=_line("Name of the person", Optional()),
        from_name=_line("From", must), from_role=_line("What they are to the person", Optional()),
        from_phone=AddressField(lazy_gettext("Telephone"), "phone"),
        from_email=AddressField(lazy_gettext("E-mail"), "email"),
        words=_text("In their own words"), services=_text("Services today"),
        coordinator_wish=_line("Wish for a coordinator", Optional()),
    )  # fmt: skip
    view.is_searched, view.search_label = True, lazy_gettext("Name or number")
    view.include_route_methods |= {"search"}
    view.add_form = type("RequestForm", (_Rules, view.add_form), {})
    rules = [Optional(), Length(max=300), storable]
    view.edit_form = register_form(
        r, {"case_worker_id": N_("Who sees to it"), "person_id": N_("In the register of persons")},
        case_worker_id=PersonField(lazy_gettext("Who sees to it"), validators=rules),
        person_id=PersonField(lazy_gettext("In the register of persons"), validators=rules),
    )  # fmt: skip
    return view
