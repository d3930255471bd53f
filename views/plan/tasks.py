"""Agreed tasks (avtalar): what their generated pages know beside what is declared."""

from __future__ import annotations

from typing import Any

from flask import g, url_for
from flask_babel import gettext
from wtforms.validators import ValidationError

from models.clock import OSLO
from services.minutes import agreed_in
from views.elements import ElementView
from views.plan.handing_over import may_hand_over
from views.words import shown


class TaskRules:
    """A task is not to be done before it starts."""

    def validate_due(self, field: Any) -> None:
        starts = self.starts_on.data  # type: ignore[attr-defined]
        if field.data and starts and field.data < starts:
            raise ValidationError(gettext("The end is before the start."))


class Tasks(ElementView):
    """Open tasks of one person can be handed over to another."""

    rules = (TaskRules,)
    listed = ("what", "service", "responsible", "due", "status")

    def origin(self, row: Any) -> tuple[str, str] | None:
        found = agreed_in(g.session, row)
        if found is None:
            return None
        day = shown(found.starts_at.astimezone(OSLO).date())
        words = gettext("Agreed in the meeting of %(day)s", day=day)
        return words, url_for("MinutesRoom.page", pk=found.id)

    def ways_from_the_list(self) -> list[tuple[str, str]]:
        if not may_hand_over():
            return []
        return [(gettext("Hand over tasks"), url_for("HandingOver.page"))]
