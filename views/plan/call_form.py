"""The form a meeting is called with (innkalling)."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from services.agenda import MOST, STANDING
from services.meetings import may_be_on_video
from views.choices import BoxesField
from views.fields import (
    LONGEST_LINE,
    LONGEST_TEXT,
    AddressField,
    OsloDateTimeField,
    storable,
    stripped,
    to_come,
)
from views.forms import OnceForm
from views.plan.meeting_change import no_link

_LINE = [Length(max=200), storable]
_TEXT = [Length(max=LONGEST_TEXT), storable]


class CallForm(OnceForm):
    purpose = StringField(
        lazy_gettext("What the meeting is about"),
        validators=[DataRequired(), *_LINE],
        filters=[stripped],
    )
    starts_at = OsloDateTimeField(lazy_gettext("Starts"), validators=[InputRequired(), to_come])
    ends_at = OsloDateTimeField(
        lazy_gettext("Ends"),
        description=lazy_gettext("Left empty, it lasts an hour."),
        validators=[Optional()],
    )
    place = StringField(lazy_gettext("Place"), validators=[Optional(), *_LINE], filters=[stripped])
    video_link = AddressField(
        lazy_gettext("Video link"),
        description=lazy_gettext(
            "The whole address, from https. It stands here only, never in a letter or an SMS."
        ),
        reads="link",
        longest=500,
    )
    agenda = TextAreaField(
        lazy_gettext("What to talk about"),
        description=lazy_gettext("One point on each line. The usual points come by themselves."),
        validators=[Optional(), *_TEXT],
        filters=[stripped],
    )
    people = BoxesField(
        lazy_gettext("Who is called"),
        description=lazy_gettext("They get the notice, and may read the minutes."),
        coerce=int,
        validators=[DataRequired()],
    )

    planned = BooleanField(
        lazy_gettext("Do not send it yet: I settle the agenda with the owner first")
    )

    def validate_ends_at(self, field: Any) -> None:
        if self.starts_at.moment and field.moment and field.moment <= self.starts_at.moment:
            raise ValidationError(gettext("The meeting must end after it starts."))

    def validate_video_link(self, field: Any) -> None:
        offered: Any = self.people.choices  # whoever else is asked for is refused below
        people = {person for person, _ in offered} & set(self.people.data or ())
        if field.data and not may_be_on_video(g.session, g.plan, people):
            raise ValidationError(no_link())

    def validate_agenda(self, field: Any) -> None:
        lines = [line.strip() for line in (field.data or "").splitlines() if line.strip()]
        if any(len(line) > LONGEST_LINE for line in lines):
            raise ValidationError(gettext("Each point can have 200 characters."))
        if len(lines) > MOST - len(STANDING):
            raise ValidationError(gettext("There is no room for more points in this meeting."))
