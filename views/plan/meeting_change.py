"""Changing a meeting (endre møte): its generated pages, and who hears of what is new."""

from __future__ import annotations

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from wtforms.validators import ValidationError

from services.meetings import change, remove
from views.elements import ElementView
from views.plan.one_meeting import changers_only, may_have_link


def no_link() -> str:
    return str(gettext("There can be no video link in this meeting."))


class MeetingRules:
    def process(self, formdata: Any = None, obj: Any = None, *more: Any, **kw: Any) -> None:
        """A link from before an address in the meeting became secret is shown to nobody."""
        super().process(formdata, obj, *more, **kw)  # type: ignore[misc]
        if obj is not None and obj.video_link and not may_have_link(obj):
            del self.video_link  # type: ignore[attr-defined]

    def validate_ends_at(self, field: Any) -> None:
        """Half an hour too short is seen; no time at all is a slip."""
        if field.data and field.data == self.starts_at.data:  # type: ignore[attr-defined]
            raise ValidationError(gettext("The meeting must end after it starts."))

    def validate_video_link(self, field: Any) -> None:
        row: Any = getattr(self, "_row", None)
        if field.data and row is not None and not may_have_link(row):
            raise ValidationError(no_link())


class Meetings(ElementView):
    """The generated pages of meetings; who is called hears of a new time or place."""

    rules = (MeetingRules,)
    listed = ("purpose", "starts_at", "ends_at", "place")

    def put_right(self, item: Any) -> None:
        change(g.session, g.plan, item)

    def can(self, verb: str, row: Any = None) -> bool:
        """What people are called to is cancelled, so that they hear of it."""
        called = verb == "delete" and row is not None and not row.is_planned
        return not called and super().can(verb, row)

    def _delete(self, pk: str) -> None:
        meeting = self.row(pk)
        changers_only(meeting)
        remove(g.session, meeting)
        flash(str(self.delete_row_message), "success")

    def get_redirect(self) -> str:
        """Back to the meeting that was changed."""
        if request.endpoint == "MeetingView.edit":
            return url_for("MeetingRoom.page", pk=(request.view_args or {})["pk"])
        return super().get_redirect()
