"""Every component in every state (komponentside), for those who build; never in an installation.

`MEDSPEL_DEBUG=1 make demo`, then `/components/`. Tests look at it in every theme.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from flask import request
from flask_appbuilder import expose
from wtforms import BooleanField, FileField, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from models.clock import utcnow
from models.vocabulary import Face, LifeArea, PlanType
from views.assets import FOLDER
from views.choices import BoxesField, FacesField, OneField, WordsField, WordsSetField
from views.fields import DayField, NumberField, OsloDateTimeField
from views.forms import Form
from views.office.numbers import chart
from views.realm import PublicPage
from views.words import shown

COUNTED = Counter({"Many": 12, "Few": 2, "None": 0})
COLOURS = ("neutral", "info", "success", "warning", "danger")
LONG = "A name that goes on and on " * 15


class EveryField(Form):
    text = StringField("Text", validators=[DataRequired()])
    helped = StringField("With help, may be left empty", description="What to write here.")
    secret = PasswordField("Password", validators=[DataRequired()])
    long = TextAreaField("Long text", validators=[Length(max=3)], default="Too long")
    day = DayField("A day", validators=[DataRequired()])
    moment = OsloDateTimeField("A moment", validators=[DataRequired()])
    number = NumberField("A number", validators=[DataRequired()])
    kind = WordsField("One of a list", PlanType, validators=[DataRequired()])
    faces = FacesField("How it goes")
    one = OneField("One in sight", choices={str(f): str(f) for f in Face})
    several = BoxesField("Several", coerce=int)
    areas = WordsSetField("Several of a vocabulary", LifeArea)
    file = FileField("A file")
    yes = BooleanField("Yes or no")

    class Meta(Form.Meta):
        csrf = False


class ComponentPage(PublicPage):
    route_base = "/components"

    @expose("/")
    def page(self) -> str:
        form: Any = EveryField(formdata=None)
        form.several.choices = [(1, "The first"), (2, "The second")]
        form.one.choices = {str(face): shown(face) for face in Face}
        if "errors" in request.args:
            form.validate()
            for field in form:
                field.errors = field.errors or ["Something is wrong with this."]
        return str(
            self.render_template(
                "components.html",
                title="Components",
                form=form,
                colours=COLOURS,
                long=LONG,
                chart=chart("chart", "A chart", "Kind", COUNTED),
                now=utcnow(),
                icons=re.findall(r'symbol id="(\w+)"', (FOLDER / "vendor/icons.svg").read_text()),
            )
        )
