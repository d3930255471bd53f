"""A file brought into a register (innlesing): looked over, and stored whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import ValidationError

from models.i18n import N_
from services import imports
from services.csv_text import (
    MOST_COLUMNS,
    MOST_ROWS,
    IsWorkbook,
    NoRows,
    NoText,
    OpenQuote,
    Sheet,
    TooMuch,
    decoded,
    sheet_of,
)
from views.fields import storable
from views.forms import Form
from views.office.import_rows import Intake, RowReader
from views.realm import needs, see_other
from views.sent_file import SentFile

LARGEST_FILE = 5 * 1024 * 1024
MOST_SHOWN = 100
WORKBOOK = N_("This is a spreadsheet's own kind of file. Save the list as CSV, and choose that.")
NO_TEXT = N_("This is no text we can read. Save the list as CSV, and choose that file.")
NO_ROWS = N_("Choose a file, or paste: the headings, and at least one row under them.")
TOO_MUCH = N_("At most %(rows)s rows and %(columns)s columns at a time. Split it in several.")
OPEN_QUOTE = N_("Near row %(row)s a quotation mark is opened and not closed.")
NO_HEADINGS = N_("None of the headings is known. The first row must have some that we know.")
DOUBLE = N_("More than one column is read as the same. Take this one away: %(names)s.")
MISSING = N_("There is no column for: %(names)s.")


class CsvField(SentFile):
    """A file of text; what it says is judged with what is pasted instead of it."""

    accept = ".csv,.txt,.tsv,text/csv"

    def pre_validate(self, form: Any) -> None:
        if len(self.sent) > LARGEST_FILE:
            raise ValidationError(gettext("The file is larger than 5 MB. Split it in several."))
        try:
            self.data = decoded(self.sent)
        except IsWorkbook:
            raise ValidationError(gettext(WORKBOOK)) from None
        except NoText:
            raise ValidationError(gettext(NO_TEXT)) from None


class ImportForm(Form):
    """One of the two, and what is in it fits the register: `text` is what it says."""

    file = CsvField(
        lazy_gettext("File"),
        description=lazy_gettext("CSV, at most 5 MB and 5,000 rows. The first row has headings."),
    )
    pasted = TextAreaField(
        lazy_gettext("Or paste the rows here"),
        description=lazy_gettext("Copied from a spreadsheet, with the headings."),
        validators=[storable],
    )
    text = ""

    def __init__(self, reader: RowReader) -> None:
        super().__init__()
        self.reader = reader
        self.pasted.flags.required = True  # one of them is: neither is optional

    def validate(self, *args: Any, **kw: Any) -> bool:
        if not super().validate(*args, **kw):
            return False
        self.text = self.file.data or self.pasted.data or ""
        wrong = self._wrong()
        if wrong:
            field = self.pasted if self.pasted.data and not self.file.data else self.file
            field.errors = [wrong]
        return not wrong

    def _wrong(self) -> str:
        try:
            sheet = sheet_of(self.text)
        except TooMuch:
            return str(gettext(TOO_MUCH, rows=MOST_ROWS, columns=MOST_COLUMNS))
        except OpenQuote as quote:
            return str(gettext(OPEN_QUOTE, row=quote.row))
        except NoRows:
            return str(gettext(NO_ROWS))
        return self._wrong_heads(sheet)

    def _wrong_heads(self, sheet: Sheet) -> str:
        found = self.reader.columns(sheet)
        missing = ", ".join(self.reader.missing(found))
        if not found.places:
            return str(gettext(NO_HEADINGS))
        if found.double:
            return str(gettext(DOUBLE, names=", ".join(found.double)))
        return str(gettext(MISSING, names=missing)) if missing else ""


class BroughtIn:
    """A register that says by its `intake` how a file is brought into it; without one there is
    no page for it. What is stored is what its own form would have stored, row by row."""

    intake: ClassVar[Intake | None] = None

    def can(self, verb: str, row: Any = None) -> bool:
        """Who may add a row may bring in many."""
        if verb == "bring_in":
            return self.intake is not None and bool(g.may("can_add"))
        view: Any = super()
        return bool(view.can(verb, row))

    def ways_into_the_list(self) -> list[tuple[str, str]]:
        if not self.can("bring_in"):
            return []
        return [(gettext("Bring in from a file"), self._address("bring_in"))]

    @expose("/import", methods=["GET", "POST"])
    @needs("add")
    def bring_in(self) -> str | Response | tuple[str, int]:
        self._authorise()
        reader = self._reader()
        form = ImportForm(reader)
        if form.validate_on_submit():
            begun = imports.begin(g.session, self._table(), form.text)
            return see_other(self._address("look_over", uid=begun.uid))
        g.session.rollback()
        page = self._page("office/bring_in.html", form=form, reader=reader)
        return page, 422 if form.errors else 200

    @expose("/import/<uid>", methods=["GET", "POST"])
    @needs("add")
    def look_over(self, uid: str) -> str | Response:
        self._authorise()
        to_finish = request.method == "POST"
        begun = imports.begun(g.session, self._table(), uid, to_finish)
        if begun is None:
            flash(gettext("That file is not kept any more. Choose it again."), "info")
            return see_other(self._address("bring_in"))
        if begun.content is None:  # the second click
            return see_other(self._address("list"))
        reader, sheet = self._reader(), sheet_of(begun.content)
        if to_finish:
            return self._finish(begun, reader, sheet)
        judged = reader.judge(sheet)
        shown = {"wrong": judged.wrong[:MOST_SHOWN], "more": len(judged.wrong) - MOST_SHOWN}
        return self._page("office/look_over.html", reader=reader, judged=judged, **shown)

    def _finish(self, begun: Any, reader: RowReader, sheet: Sheet) -> Response:
        """What was looked over may have changed meanwhile: it is judged again, and what does
        not fit any more is shown."""
        rows: list[Any] = []
        judged = reader.judge(sheet, lambda form: rows.append(self._row(form)))
        here = self._address("look_over", uid=begun.uid)
        if judged.wrong or not rows:
            return see_other(here)
        try:
            imports.finish(g.session, begun, rows)
            self.stored(rows)
        except IntegrityError:
            g.session.rollback()
            words = gettext("The register changed while you looked. Nothing is stored. Look again.")
            flash(words, "warning")
            return see_other(here)
        words = ngettext("%(num)s row is brought in.", "%(num)s rows are brought in.", len(rows))
        flash(words, "success")
        return see_other(self._address("list"))

    def stored(self, rows: Sequence[Any]) -> None:
        """What else follows from rows that are new, in a register in which something does."""

    def _row(self, form: Any) -> Any:
        view: Any = self
        row = view.new(form)
        form.populate_obj(row)
        return row

    def _authorise(self) -> None:
        view: Any = self
        view._must("bring_in")

    def _reader(self) -> RowReader:
        view: Any = self
        return RowReader(view.add_form, view.intake)

    def _table(self) -> str:
        view: Any = self
        return str(view.datamodel.obj.__tablename__)

    def _address(self, page: str, **values: Any) -> str:
        return url_for(f"{type(self).__name__}.{page}", **values)

    def _page(self, template: str, **context: Any) -> str:
        view: Any = self
        what = gettext("%(what)s: bring in from a file", what=view.list_title)
        return str(
            view.render_template(template, title=what, back=self._address("list"), **context)
        )
