"""Fields one chooses in (val): closed vocabularies, rows the actor may read, boxes to tick."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import Enum
from typing import Any

from flask import g, request
from flask_babel import get_locale, gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload
from wtforms import (
    RadioField,
    SelectField,
    SelectMultipleField,
)

from models.keys import key
from models.language import LANGUAGES, Language
from models.municipality import Named
from models.plan import Participant
from models.vocabulary import GONE, Face, LifeArea
from views.life_areas import names
from views.words import role_of, shown

NO_CHOICE = lazy_gettext("Choose")
LEFT_OUT = lazy_gettext("Make a choice.")
NONE_OF_MANY = lazy_gettext("Choose at least one.")
_REQUIRED = "This field is required."
WRONG_CHOICE = lazy_gettext("Choose one of those on the list.")


class ChoiceField(SelectField):
    """A choice that is none of ours is said in plain words, and never said back."""

    left_out = LEFT_OUT

    def __init__(self, *args: Any, **kw: Any) -> None:
        said = {"invalid_value_message": WRONG_CHOICE, "invalid_choice_message": WRONG_CHOICE}
        super().__init__(*args, **said | kw)

    def gettext(self, string: str) -> str:
        """WTForms' own words, but for one: nobody "fills in" a choice."""
        return str(self.left_out) if string == _REQUIRED else str(super().gettext(string))


class OneField(ChoiceField, RadioField):
    """One of given choices, all of them in sight."""

    boxes = radios = True

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        super().process_formdata([value.strip() for value in valuelist])


class YesNoField(OneField):
    """Yes, no, or not answered yet: True, False, None."""

    _SAID = {"yes": True, "no": False, True: True, False: False, None: None, "": None}

    def __init__(self, label: Any, **kw: Any) -> None:
        def coerce(value: Any) -> bool | None:
            if value not in self._SAID:
                raise ValueError(value)
            return self._SAID[value]

        def choices() -> list[tuple[str, str]]:
            return [("yes", str(gettext("Yes"))), ("no", str(gettext("No")))]

        super().__init__(label, choices=choices, coerce=coerce, **kw)

    def pre_validate(self, form: Any) -> None:
        if self.data is not None:
            super().pre_validate(form)


class FacesField(OneField):
    """How it goes, on the scale of five faces."""

    pictures = "faces"

    def __init__(self, label: Any, **kw: Any) -> None:
        super().__init__(label, choices={str(face): shown(face) for face in Face}, **kw)


class WordsField(ChoiceField):
    """One of a closed vocabulary, in the reader's words; anything else is no choice."""

    def __init__(
        self,
        label: Any,
        members: type[Enum],
        blank: bool = True,
        only: Collection[Enum] | None = None,
        **kw: Any,
    ) -> None:
        """only: those that can be chosen here."""
        self.members = members

        def coerce(value: Any) -> Any:
            return value if value in (None, "") else members(value)

        def choices() -> list[tuple[Any, str]]:
            offered = members if only is None else only
            words = [(str(m.value), shown(m)) for m in offered]
            return [("", str(NO_CHOICE)), *words] if blank else words

        super().__init__(label, coerce=coerce, choices=choices, **kw)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        super().process_formdata(valuelist)  # type: ignore[arg-type]
        self.data = self.data or None


class LanguageField(ChoiceField):
    """One of the languages Medspel speaks, each by its own name."""

    def __init__(self, label: Any, blank: bool = True, **kw: Any) -> None:
        def choices() -> list[tuple[Any, str]]:
            names = [(str(one), one.own_name) for one in LANGUAGES]
            return [("", str(NO_CHOICE)), *names] if blank else names

        super().__init__(label, choices=choices, **kw)

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, Language(self.data))


class WordsSetField(ChoiceField, SelectMultipleField):
    """Any number of a closed vocabulary, as boxes to tick."""

    boxes, left_out = True, NONE_OF_MANY

    def __init__(self, label: Any, members: type[Enum], **kw: Any) -> None:
        def choices() -> list[tuple[Any, str]]:
            return [(str(m.value), shown(m)) for m in members]

        super().__init__(label, coerce=members, choices=choices, **kw)
        self.pictures = "life areas" if members is LifeArea else ""

    def process_data(self, value: Any) -> None:
        self.data = list(value or ())

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, frozenset(self.data or ()))


class AreaField(OneField):
    """One life area, which is stored as a set of one; those of `areas()` can be chosen."""

    pictures = "life areas"

    def __init__(self, label: Any, areas: Callable[[], Sequence[LifeArea]], **kw: Any) -> None:
        def coerce(value: Any) -> Any:
            return value if value in (None, "") else LifeArea(value)

        def choices() -> list[tuple[Any, str]]:
            words = names()
            return [(str(area), words[area]) for area in areas()]

        super().__init__(label, coerce=coerce, choices=choices, **kw)

    def process_data(self, value: Any) -> None:
        self.data = next(iter(value or ()), None)

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, frozenset({self.data}))


class BoxesField(ChoiceField, SelectMultipleField):
    """Any number of given choices, as boxes to tick; `choices` is set for each request."""

    boxes, left_out = True, NONE_OF_MANY


class RowField(ChoiceField):
    """One row out of those the actor may read; anything else is no choice."""

    def __init__(
        self, label: Any, rows: Callable[[], Sequence[tuple[int, str]]], **kw: Any
    ) -> None:
        def choices() -> list[tuple[Any, str]]:
            return [("", str(NO_CHOICE)), *rows()]

        super().__init__(label, coerce=key, choices=choices, **kw)

    def populate_obj(self, obj: object, name: str) -> None:
        """What one cannot see one cannot choose, and does not take away either."""
        unseen = self.object_data not in {choice[0] for choice in self.choices or ()}
        if self.data is not None or self.object_data is None or not unseen:
            super().populate_obj(obj, name)


class AboveField(RowField):
    """The row one of the same kind hangs below; a rule of the form says why another cannot be
    chosen (views.plan.goals)."""

    def __init__(self, label: Any, target: Any, **kw: Any) -> None:
        super().__init__(label, rows_above(target), validate_choice=False, **kw)


def rows_above(target: Any) -> Callable[[], list[tuple[int, str]]]:
    """Rows of the plan that hang below none, oldest first; for a row that has some below itself
    there are none."""

    def rows() -> list[tuple[int, str]]:
        mine = key(str((request.view_args or {}).get("pk", "")))
        here = (target.plan_id == g.plan.id, target.removed_at.is_(None))
        if mine is not None:
            hanging = select(target.id).where(*here, target.parent_id == mine).limit(1)
            if g.session.scalar(hanging) is not None:
                return []
        wanted = select(target).where(*here, target.parent_id.is_(None), target.id != (mine or 0))
        found = g.session.scalars(wanted.options(lazyload(target.parent)).order_by(target.id))
        return [(row.id, str(row)) for row in found]

    return rows


def rows_of_the_plan(target: Any) -> Callable[[], list[tuple[int, str]]]:
    """Rows of an element in the plan at hand, oldest first."""

    def rows() -> list[tuple[int, str]]:
        wanted = select(target).where(target.plan_id == g.plan.id, target.removed_at.is_(None))
        return [
            (row.id, str(row)) for row in g.session.scalars(wanted.order_by(target.id)).unique()
        ]

    return rows


def people_of_the_team() -> list[tuple[int, str]]:
    """Person and role of everybody who takes part in the plan at hand; of nobody who has gone."""
    wanted = (
        select(Participant)
        .where(Participant.plan_id == g.plan.id, Participant.status.not_in(GONE))
        .options(joinedload(Participant.person))
        .order_by(Participant.id)
    )
    return [(p.person_id, f"{p.person.name}, {role_of(p)}") for p in g.session.scalars(wanted)]


def rows_of_the_register(target: type[Any]) -> Callable[[], list[tuple[int, str]]]:
    """Rows of one of the municipality's registers, in the reader's language and order."""

    def rows() -> list[tuple[int, str]]:
        language = str(get_locale())
        known = [(row.id, _called(row, language)) for row in g.session.scalars(select(target))]
        return sorted(known, key=lambda one: one[1].casefold())

    return rows


def _called(row: Any, language: str) -> str:
    return row.in_language(language) if isinstance(row, Named) else str(row)


class HourField(ChoiceField):
    """A whole hour of the day, 0 to 23; without one, None."""

    def __init__(self, label: Any, **kw: Any) -> None:
        def coerce(value: Any) -> int | None:
            return None if value in (None, "", "None") else int(value)

        def choices() -> list[tuple[Any, str]]:
            hours = [(hour, f"{hour:02}:00") for hour in range(24)]
            return [("", str(gettext("No quiet hours"))), *hours]

        super().__init__(label, coerce=coerce, choices=choices, **kw)
