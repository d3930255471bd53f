"""Changing a meeting (endre møte): its generated pages, and who hears of what is new."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask_babel import gettext
from wtforms.validators import ValidationError

from services.meetings import change, may_be_on_video
from views.elements import ElementView


class MeetingRules:
    def validate_ends_at(self, field: Any) -> None:
        """Half an hour too short is seen; no time at all is a slip."""
        if field.data and field.data == self.starts_at.data:  # type: ignore[attr-defined]
            raise ValidationError(gettext("The meeting must end after it starts."))

    def validate_video_link(self, field: Any) -> None:
        row: Any = getattr(self, "_row", None)
        if field.data and row is not None and not may_be_on_video(g.session, g.plan, row):
            raise ValidationError(gettext("There can be no video link in this meeting."))


class Meetings(ElementView):
    """The generated pages of meetings; who is called hears of a new time or place."""

    rules = (MeetingRules,)
    listed = ("purpose", "starts_at", "ends_at", "place")

    def put_right(self, item: Any) -> None:
        change(g.session, g.plan, item)

    def get_redirect(self) -> str:
        """Back to the meeting that was changed."""
        if request.endpoint == "MeetingView.edit":
            return url_for("MeetingRoom.page", pk=(request.view_args or {})["pk"])
        return super().get_redirect()
