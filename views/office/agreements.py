"""The municipality's user agreement (brukaravtale): its versions, the next one, and publishing."""

from __future__ import annotations

from typing import Any

from flask import flash, g, request
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from models.i18n import N_
from models.language import LANGUAGES
from models.user_agreement import UserAgreement
from services import user_agreements
from views.office.register import RegisterRows, RegisterView, declare
from views.realm import needs, see_other


class AgreementRows(RegisterRows):
    """A version nobody is asked about yet says so; one that nobody here has written too."""

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        value = RegisterRows._get_attr_value(item, col)
        if col == "published_at":
            return value or gettext("Not published yet")
        if col == "published_by" and value is None and item.published_at:
            return gettext("Came with Medspel")
        return value


class AgreementRegister(RegisterView):
    """One page writes the next version: begins it from the newest, or goes on with it."""

    show_template = "office/agreement.html"
    add_text = lazy_gettext("Write a new version")

    def title_of(self, row: Any) -> str:
        return str(gettext("Version %(number)s", number=row.version))

    def _must(self, verb: str, row: Any = None) -> None:
        super()._must("add")

    def _add(self) -> dict[str, Any] | None:
        begun = user_agreements.being_written(g.session)
        return super()._add() if begun is None else self._edit(str(begun.id))

    def blank(self) -> FlaskForm:
        if request.method == "POST":  # what is not sent is not there
            return self.add_form()
        newest = user_agreements.in_force(g.session)
        return self.add_form(data=newest and newest.words)

    def new(self, form: FlaskForm) -> UserAgreement:
        newest = user_agreements.in_force(g.session)
        after = newest.version if newest else 0
        return UserAgreement(municipality_id=g.actor.municipality_id, version=after + 1)

    def post_add_redirect(self) -> Response:
        """To the text as it will be shown, where it is published."""
        begun = user_agreements.being_written(g.session)
        return see_other(self.address("show", begun.id) if begun else self.get_redirect())

    def render_template(self, template: str, **context: Any) -> Any:
        return super().render_template(template, **{"row": g.get("row"), "view": self} | context)

    def look(self, row: UserAgreement) -> str:
        """What was looked at, for the button that publishes it."""
        return self.version_of(row)

    def languages(self, row: UserAgreement) -> list[Any]:
        return [one for one in LANGUAGES if one in row.words]

    @expose("/publish/<pk>", methods=["POST"])
    @needs("add")
    def publish(self, pk: str) -> Response:
        row = self.row(pk)
        if row.published_at is None and request.form.get("look") != self.look(row):
            raise user_agreements.Changed(row.id)
        user_agreements.publish(g.session, row)
        flash(gettext("It is published. Everybody is asked to accept it from now on."), "success")
        return see_other(self.address("show", row.id))


def register() -> type[RegisterView]:
    words = {str(one): one.own_name.capitalize() for one in LANGUAGES}
    return declare(
        "UserAgreement", UserAgreement, N_("User agreement"), words,
        shown=("version", "published_at", "published_by"),
        labels={
            "version": N_("Version"), "published_at": N_("Published"),
            "published_by": N_("Published by"),
        },
        eager=(UserAgreement.published_by,), base=AgreementRegister, rows=AgreementRows,
        order=("version", "desc"), pages=("list", "show", "add", "publish"),
    )  # fmt: skip
