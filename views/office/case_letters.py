"""Letters in a case (brev): written from the municipality's words, had as a file, sent."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from models.case_letter import CaseLetter
from models.case_words import LetterKind
from models.clock import today
from models.i18n import N_
from models.keys import key
from models.municipality import LetterText
from models.request import Request
from services import case_letters
from views.fields import storable, stripped
from views.files import to_be_saved
from views.forms import RowForm
from views.office.case_page import CasePage
from views.realm import needs, not_there, see_other
from views.words import shown


class CaseLetterForm(RowForm):
    to_name = StringField(
        lazy_gettext("Who it is to"),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    to_address = TextAreaField(
        lazy_gettext("Address"),
        description=lazy_gettext("For the envelope, a line for each line. It may be empty."),
        validators=[Optional(), Length(max=500), storable],
        filters=[stripped],
        render_kw={"rows": 3},
    )
    text = TextAreaField(
        lazy_gettext("The letter"),
        description=lazy_gettext("The first line becomes the title."),
        validators=[DataRequired(), Length(max=LetterText.longest), storable],
        filters=[stripped],
        render_kw={"rows": 18},
    )


class CaseLetters(CasePage):
    form_class, kind = CaseLetterForm, CaseLetter
    lead = N_("Read it through and change what you want. What is saved stays as it is.")
    saved = N_("The letter is written. Its file is ready in a minute.")
    beside = case_letters.BESIDE

    @expose("/<pk>/letter/<what>", methods=["GET", "POST"])
    @needs("edit")
    def form(self, pk: str, what: str) -> str | Response | tuple[str, int]:
        return self.page(pk)

    @expose("/letter/<pk>")
    @needs("show")
    def file(self, pk: str) -> Response:
        """The name of the file says nothing of whom or what."""
        content = case_letters.file(g.session, key(pk) or 0) or not_there()
        return to_be_saved(b64decode(content), "application/pdf", f"brev-{key(pk)}.pdf")

    @expose("/letter/<pk>/sent", methods=["POST"])
    @needs("edit")
    def sent(self, pk: str) -> Response:
        letter = case_letters.send(g.session, key(pk) or 0) or not_there()
        flash(gettext("It is written down that the letter is sent."), "success")
        return see_other(url_for("RequestView.show", pk=letter.request_id))

    def title(self, asked: Request) -> str:
        what = shown(_what(asked))
        return str(gettext("Letter: %(what)s (%(reference)s)", what=what, reference=asked))

    def row(self, asked: Request) -> None:
        """Each is new."""
        _what(asked)

    def begun(self, asked: Request) -> dict[str, Any]:
        return case_letters.begin(g.session, asked, _what(asked))

    def new(self, asked: Request, at: dict[str, Any]) -> CaseLetter:
        begun = {"kind": _what(asked), "language": asked.language, "written_on": today()}
        return CaseLetter(**at, **begun, written_by_id=g.actor.person_id)

    def store(self, asked: Request, row: CaseLetter) -> None:
        case_letters.write(g.session, row)


def _what(asked: Request) -> LetterKind:
    """What the address says the letter is for. 404 where there is nothing to write about."""
    offered = {str(one): one for one in case_letters.kinds(asked)}
    return offered.get(str((request.view_args or {})["what"])) or not_there()


def onward(asked: Request, what: LetterKind) -> str:
    """To the letter that comes next, or to the request where letters are written elsewhere."""
    if asked.municipality.keeps_cases:
        return url_for("CaseLetters.form", pk=asked.id, what=what)
    return url_for("RequestView.show", pk=asked.id)
