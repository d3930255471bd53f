"""Rows of a file judged (vurderte rader): by the form one would have filled in for each of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField

from services.csv_text import Sheet
from views.choices import RowField
from views.fields import DayField
from views.forms import Form
from views.office.headings import Aliases, Columns, called, columns
from views.office.person_field import PersonField
from views.office.said_days import iso
from views.office.said_people import who_is_meant

YES = frozenset({"ja", "yes", "j", "y", "x", "1", "true", "sant", "sann"})
NO = frozenset({"", "nei", "no", "n", "0", "false", "usant", "usann"})
Keys = Set[Hashable]


@dataclass(frozen=True, slots=True)
class Intake:
    """What a register says of itself so that a file can be brought into it.

    aliases: what others call its columns. keys: by what a form's row is known again; two rows
    that share one are the same. known: the keys of what is in the register, of those it is asked
    about; what the form must know of all of them it is told here. alone: fields in which no two
    rows say the same.
    """

    aliases: Aliases
    keys: Callable[[Any], Keys]
    known: Callable[[Any, Sequence[Mapping[str, str]]], Keys]
    alone: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Wrong:
    """What hinders a row: its number in the file, the heading, and what to do."""

    row: int
    column: str
    words: str


@dataclass(slots=True)
class Judged:
    """new: how many rows are stored at a yes. there: numbers of those the register has already.
    wrong: what must be put right first, whichever row it is in."""

    columns: Columns
    new: int = 0
    there: list[int] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


class ForRows:
    """Mixed into the form of a register: filled in from a row, not from a page."""

    class Meta:
        csrf = False

        def wrap_formdata(self, _form: Form, formdata: Any) -> Any:
            return formdata


class RowReader:
    """Fills in one form for each row in turn; what it offers is asked for once."""

    def __init__(self, form_class: type[Form], intake: Intake) -> None:
        made: type[Any] = type("RowForm", (ForRows, form_class), {})
        self.intake, self.form = intake, made(MultiDict())
        self.fields = self.form.shown_fields()
        choices: dict[str, Any] = {
            one.name: one.choices for one in self.fields if isinstance(one, RowField)
        }
        self.offered = {
            name: {str(words).casefold(): (row, words) for row, words in offered}
            for name, offered in choices.items()
        }

    def columns(self, sheet: Sheet) -> Columns:
        return columns(_named(sheet), self.fields, self.intake.aliases)

    def labels(self) -> list[str]:
        """What the columns are called here."""
        return [called(one) for one in self.fields]

    def required(self) -> list[str]:
        return [called(one) for one in self.fields if one.flags.required]

    @property
    def names_people(self) -> bool:
        return any(isinstance(one, PersonField) for one in self.fields)

    def missing(self, found: Columns) -> list[str]:
        """What must be filled in and has no column."""
        must = [one for one in self.fields if one.flags.required and one.name not in found.places]
        return [called(one) for one in must]

    def read_as(self, found: Columns) -> list[tuple[str, str]]:
        """(heading in the file, what it is called here) of each column that is known."""
        return [
            (found.heads[one.name], called(one)) for one in self.fields if one.name in found.heads
        ]

    def judge(self, sheet: Sheet, take: Callable[[Any], None] = lambda _form: None) -> Judged:
        """take: is given the form of each row that is new and right."""
        judged = Judged(self.columns(sheet))
        rows = [(number, judged.columns.of(cells)) for number, cells in sheet.rows]
        seen = self._look_up([said for _, said in rows])
        too_wide = {number for number, cells in sheet.rows if any(cells[len(sheet.head) :])}
        first: dict[Hashable, int] = {}
        for number, said in rows:
            wrong = [*self._wrong(judged.columns, number, self._fill(said), first)]
            keys = self.intake.keys(self.form)
            if number in too_wide:
                wrong = [Wrong(number, "", gettext("There are more cells here than headings."))]
            elif keys & seen:
                judged.there.append(number)
                continue
            judged.wrong += wrong
            if not wrong:
                seen |= keys
                judged.new += 1
                take(self.form)
        return judged

    def _look_up(self, rows: Sequence[Mapping[str, str]]) -> set[Hashable]:
        """Ask of all rows at once who is meant in them, and what is in the register already."""
        for one in self.fields:
            if isinstance(one, PersonField):
                one.meant = who_is_meant(said.get(one.name, "") for said in rows)
        return set(self.intake.known(self.form, rows))

    def _fill(self, said: Mapping[str, str]) -> dict[str, str]:
        """Fill in the form as a row says; what of it could not be read, by field."""
        sent: MultiDict[str, str] = MultiDict()
        told: dict[str, str] = {}
        for one in self.fields:
            text = said.get(one.name, _left_out(one))
            try:
                read = self._read(one, text)
            except ValueError as wrong:
                told[one.name] = str(wrong)
                read = ""
            if read is not None:
                sent[one.name] = read
        self.form.process(sent)
        return told

    def _read(self, one: Any, text: str) -> str | None:
        """What a browser would have sent for it; nothing for a box that is not ticked.

        Raises: ValueError, with the words.
        """
        if isinstance(one, RowField):
            offered = self.offered[one.name]
            if text and text.casefold() not in offered:
                words = gettext("This is not in the register: %(what)s. Add it there first.",
                                what=text[:100])  # fmt: skip
                raise ValueError(words)
            row, words = offered.get(text.casefold(), ("", ""))
            one.choices = [("", ""), (row, words)]  # all of them need not be looked through again
            return str(row)
        if isinstance(one, BooleanField):
            if text.casefold() not in YES | NO:
                raise ValueError(gettext("Write yes or no."))
            return "y" if text.casefold() in YES else None
        return iso(text) if isinstance(one, DayField) else text

    def _wrong(
        self, found: Columns, number: int, told: Mapping[str, str], first: dict[Hashable, int]
    ) -> Iterator[Wrong]:
        """What the form says, and what no form of one row can know: that two say the same."""
        fits = self.form.validate()
        for one in self.fields:
            heading = found.heads.get(one.name) or called(one)
            words = [told[one.name]] if one.name in told else one.errors
            if words:
                fits = True  # no more need be said
                yield Wrong(number, heading, str(words[0]))
            elif one.name in self.intake.alone and one.data:
                row = first.setdefault((one.name, one.data), number)
                if row != number:
                    yield Wrong(number, heading, gettext("Row %(row)s says the same.", row=row))
        if not fits:
            yield Wrong(number, "", gettext("This row does not fit. Add it by hand."))


def _named(sheet: Sheet) -> list[str]:
    """The headings; a column that has none, and something in it, is called by its number."""
    filled = {n for _, cells in sheet.rows for n, cell in enumerate(cells) if cell}
    return [
        head or (gettext("column %(num)s, without a heading", num=n + 1) if n in filled else "")
        for n, head in enumerate(sheet.head)
    ]


def _left_out(field: Any) -> str:
    """What is meant by a column that is not there: for a box what it is on an empty page."""
    return "yes" if isinstance(field, BooleanField) and field.default else ""
