"""Who the owner is (presentasjon): the owner's own words, and one page of them to hand out."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select

from models.elements import changing
from models.elements.presentation import Presentation
from models.illustration import Portrait
from models.people import Person
from models.vocabulary import Scope
from security.facts import facts
from security.policy import Action, permits
from services.illustrations import picture
from views.plan.adding import may_add
from views.plan.illustration import may_put
from views.realm import PlanPage, needs


class PresentationRoom(PlanPage):
    route_base = "/plan/<int:plan_id>/presentation"
    types = Presentation.element.types
    part = Presentation.element.scope

    @expose("/")
    @needs("read")
    def page(self) -> str:
        _readers_only()
        rows = _rows()
        return str(
            self.render_template(
                "plan/presentation.html",
                title=gettext("Presentation"),
                written=[(row, said(row), change_at(row)) for row in rows],
                picture=picture(g.session, Portrait, rows[0]) if rows else None,
                may_put=bool(rows) and may_put(Portrait, rows[0]),
                begin="" if rows or not may_add(Presentation) else url_for("PresentationView.add"),
                sheet=url_for("PresentationRoom.about_me") if _for_all(rows) else "",
            )
        )

    @expose("/about-me")
    @needs("read")
    def about_me(self) -> str:
        """To be printed and handed out: the name, what stands there, and nothing else. What is
        kept from somebody is on no paper."""
        _readers_only()
        row = _for_all(_rows()) or abort(404)
        name = select(Person.name).where(Person.id == g.plan.person_id)
        return str(
            self.render_template(
                "plan/about_me.html",
                title=gettext("About me"),
                name=g.session.scalars(name).one(),
                facts=said(row),
                picture=picture(g.session, Portrait, row),
            )
        )


def said(row: Presentation) -> list[tuple[str, str]]:
    """(label, words) of what is filled in."""
    words = ((gettext(label), getattr(row, name)) for name, label in changing(Presentation).items())
    return [(label, text) for label, text in words if text]


def _rows() -> Sequence[Presentation]:
    p = Presentation
    here = select(p).where(p.plan_id == g.plan.id, p.removed_at.is_(None)).order_by(p.id)
    rows: Sequence[Presentation] = g.session.scalars(here).all()
    return rows


def _for_all(rows: Sequence[Presentation]) -> Presentation | None:
    open_ = (r for r in rows if not r.hidden_from_guardians and r.shielded_from_id is None)
    return next(open_, None)


def may_begin() -> bool:
    """Whether the reader may write the first words."""
    return g.plan.type in Presentation.element.types and may_add(Presentation)


def change_at(row: Presentation) -> str:
    """Where the reader changes it; empty for who may not."""
    may = row.locked_at is None and permits(g.access, Action.CHANGE, facts(row))
    return url_for("PresentationView.edit", pk=row.id) if may else ""


def _readers_only() -> None:
    draft = g.access.coordinator and g.plan.status is g.plan.status.DRAFT
    if g.access.level(Scope.PRESENTATION) is None and not draft:
        abort(404)
