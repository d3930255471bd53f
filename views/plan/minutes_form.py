"""The form minutes are written in (referatskjema): a field for each point, what was agreed in a
line under it; saved by itself where something was typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional

from models.elements.activity import Activity
from models.elements.minutes import Minutes
from models.elements.minutes_item import MinutesItem
from models.keys import key
from models.vocabulary import Outcome, Presence
from services.minutes_writing import Clash, save
from views.choices import FacesField, OneField, RowField, people_of_the_team
from views.fields import (
    LONGEST_TEXT,
    DayField,
    OsloDateTimeField,
    label_about,
    storable,
    stripped,
)
from views.forms import OnceForm, VersionField
from views.words import shown

ASKED = {
    "heard": lazy_gettext("Did the owner get to say what they wanted?"),
    "useful": lazy_gettext("Was the meeting useful?"),
    "together": lazy_gettext("Did we work well together?"),
}
_LINE: dict[str, Any] = {
    "validators": [Optional(), Length(max=200), storable],
    "filters": [stripped],
}
_TEXT: dict[str, Any] = {
    "validators": [Optional(), Length(max=LONGEST_TEXT), storable],
    "filters": [stripped],
}


class WritingForm(OnceForm):
    """What of which row stands in which field: `places`. Its uid is that of the row a button
    adds: the second click adds no other."""

    places: dict[str, tuple[Any, str]]
    rows: Sequence[Any]

    def validate(self, *args: Any, **kw: Any) -> bool:
        right: bool = super().validate(*args, **kw)
        for row in self.rows[1:]:
            line = [self._fields.get(f"{name}_{row.id}") for name in ("agreed", "who", "due")]
            what, *more = line
            if what is not None and not what.data and any(one and one.data for one in more):
                what.errors = [gettext("Say what was agreed, or empty the line.")]
                right = False
        return right

    def store(self) -> bool:
        """Whether it was stored; else what two have written is shown, both of it."""
        if self._said_otherwise():
            return False
        sent = [(row, key(self[_version(row)].data), self._typed(row)) for row in self.rows]
        clash = save(g.session, sent)
        if clash is not None:
            self._show_both(clash)
            return False
        for one, said, _ in self._attendance():
            one.presence = Presence(said.data)
        g.session.flush()
        return True

    def _attendance(self) -> Iterator[tuple[Any, Any, Any]]:
        """(row, field, what was looked at) where another choice was made of who was there."""
        for one in self.rows[0].attended:
            said, seen = (self._fields.get(f"{name}_{one.id}") for name in ("came", "was"))
            if said is not None and seen is not None and said.data and said.data != seen.data:
                yield one, said, seen

    def _said_otherwise(self) -> bool:
        """Whether somebody has said another thing of who was there, meanwhile: it is told beside
        the choice, and the next answer is the one that counts."""
        for one, said, seen in self._attendance():
            if (one.presence or "") not in (seen.data or "", said.data):
                words = gettext(
                    "Somebody has answered meanwhile. It says now: “%(words)s”. Choose what is "
                    "right, and save.",
                    words=shown(one.presence),
                )
                said.errors, seen.data = [words], one.presence or ""
        return bool(self.errors)

    def _typed(self, row: Any) -> dict[str, Any]:
        return {
            column: getattr(self[name], "moment", self[name].data) or None
            for name, (of, column) in self.places.items()
            if of is row
        }

    def _show_both(self, clash: Clash) -> None:
        for name, (row, column) in self.places.items():
            place = (row.element.key, row.id, column)
            if place not in clash.typed:
                self[name].process_data(getattr(row, column))
            elif place in clash.now:
                self[name].errors = [
                    gettext(
                        "Somebody has written here meanwhile. It says now: “%(words)s”. Put "
                        "the two together, and save.",
                        words=shown(clash.now[place]) or "–",
                    )
                ]
        for row in self.rows:
            self[_version(row)].data = str(row.version)


def _version(row: Any) -> str:
    return "v_minutes" if isinstance(row, Minutes) else f"v_{row.id}"


def writing_form(minutes: Minutes, points: Sequence[MinutesItem], whole: bool) -> WritingForm:
    """whole: before they are handed over; then the words only."""
    fields: dict[str, Any] = {}
    places: dict[str, tuple[Any, str]] = {}
    team = people_of_the_team() if whole else []
    for name, made, row, column in _fields(minutes, points, whole, team):
        fields[name] = made
        if column:
            places[name] = (row, column)
    stored = {name: getattr(row, column) for name, (row, column) in places.items()}
    stored |= {_version(row): str(row.version) for row in (minutes, *points)}
    for one in minutes.attended if whole else ():
        stored |= {f"came_{one.id}": one.presence, f"was_{one.id}": one.presence or ""}
    form: WritingForm = type("MinutesForm", (WritingForm,), fields)(data=stored)
    form.places, form.rows = places, (minutes, *points)
    for field in form:
        field.flags.required = True  # nothing must be filled in, and so nothing is said of it
    for row in form.rows:
        version = form[_version(row)]
        version.data = version.data or ("" if form.is_submitted() else str(row.version))
    return form


def _fields(
    minutes: Minutes, points: Sequence[MinutesItem], whole: bool, team: list[tuple[int, str]]
) -> Iterator[tuple[str, Any, Any, str]]:
    """(name, field, row, column) of everything in the form; no column: not of a row's own."""
    account = TextAreaField(
        lazy_gettext("How the owner sees it"),
        description=lazy_gettext("The owner's own words come first."),
        **_TEXT,
    )
    yield "owner_account", account, minutes, "owner_account"
    yield "v_minutes", VersionField(), minutes, ""
    if minutes.minutes:  # written before the points had rows of their own
        text = TextAreaField(lazy_gettext("What we talked about and decided"), **_TEXT)
        yield "text", text, minutes, "minutes"
    if whole:
        yield from _around(minutes)
    here = {one for one, _ in team}
    first: set[int] = set()
    for row in points:
        if row.promise is not None:
            yield from _promise(row, row.promise, whole)
            continue
        if row.position not in first or row.said:
            said = TextAreaField(label_about(gettext("What was said"), _name(row)), **_TEXT)
            yield f"said_{row.id}", said, row, "said"
        first.add(row.position)
        yield f"v_{row.id}", VersionField(), row, ""
        if whole:
            yield from _decision(row, team, here)


def _around(minutes: Minutes) -> Iterator[tuple[str, Any, Any, str]]:
    choices = {str(one): shown(one) for one in Presence}
    for one in minutes.attended:
        came = OneField(one.person.name, choices=choices, validators=[Optional()])
        yield f"came_{one.id}", came, one, ""
        yield f"was_{one.id}", VersionField(), one, ""
    others = StringField(lazy_gettext("Others who were there"), **_LINE)
    yield "others", others, minutes, "others"
    for name, label in ASKED.items():
        yield name, FacesField(label, validators=[Optional()]), minutes, name
    following = OsloDateTimeField(
        lazy_gettext("Next meeting"),
        description=lazy_gettext("Left empty, it is not settled yet."),
        validators=[Optional()],
    )
    yield "next_at", following, minutes, "next_at"
    yield "point", StringField(lazy_gettext("One more point"), **_LINE), minutes, ""


def _promise(row: MinutesItem, task: Activity, whole: bool) -> Iterator[tuple[str, Any, Any, str]]:
    """What was agreed last time: one choice, and a line of words."""
    if whole:
        choices = {str(one): shown(one) for one in Outcome}
        about = ", ".join(filter(None, (_does(task), shown(task.due))))
        chosen = OneField(task.what, description=about, choices=choices, validators=[Optional()])
        yield f"outcome_{row.id}", chosen, row, "outcome"
    if whole or row.said:
        said = StringField(label_about(gettext("In a few words"), task.what), **_LINE)
        yield f"said_{row.id}", said, row, "said"
    yield f"v_{row.id}", VersionField(), row, ""


def _does(task: Activity) -> str:
    return task.responsible.name if task.responsible else ""


def _decision(
    row: MinutesItem, team: list[tuple[int, str]], here: set[int]
) -> Iterator[tuple[str, Any, Any, str]]:
    """One who has gone stands there still, and is said to have gone: nothing is lost."""
    left = row.responsible is not None and row.responsible_id not in here
    people = team
    if left:
        name = row.responsible.name  # type: ignore[union-attr]
        people = [*team, (row.responsible_id or 0, gettext("%(name)s, has left", name=name))]
    what, who, when = (
        label_about(words, _name(row))
        for words in (gettext("What we agreed"), gettext("Who does it"), gettext("By when"))
    )
    yield f"agreed_{row.id}", StringField(what, **_LINE), row, "agreed"
    team_of = RowField(who, lambda: people, validators=[Optional()])
    yield f"who_{row.id}", team_of, row, "responsible_id"
    yield f"due_{row.id}", DayField(when, validators=[Optional()]), row, "due"


def _name(row: MinutesItem) -> str:
    return row.topic or shown(row.kind)


def by_point(points: Sequence[MinutesItem]) -> dict[int, list[MinutesItem]]:
    """The rows about each point, by its position; without what was agreed last time."""
    found: dict[int, list[MinutesItem]] = {}
    for row in points:
        if row.promise is None:
            found.setdefault(row.position, []).append(row)
    return found
