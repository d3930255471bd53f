"""A colour of the municipality's own (farge): the browser's picker, and a check of contrast."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Any

from flask_babel import format_decimal, gettext
from wtforms import ColorField
from wtforms.validators import ValidationError

from models.colour import Pair, is_colour, unreadable


class TownColourField(ColorField):
    """`#rrggbb`; what equals `ours` is stored as nothing, so that it follows Medspel's own."""

    def __init__(self, label: Any, ours: str, **kw: Any) -> None:
        super().__init__(label, **kw)
        self.ours = ours

    def process_data(self, value: str | None) -> None:
        self.data = value or self.ours

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        sent = valuelist[0].strip().lower() if valuelist else ""
        self.data = sent or self.data

    def pre_validate(self, form: Any) -> None:
        if "ours" in form and form["ours"].data:
            return  # it will not be used
        if not is_colour(self.data or ""):
            raise ValidationError(gettext("Choose a colour."))
        pair = unreadable(self.data or "")
        if pair is not None:
            raise ValidationError(_why(pair))

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, None if self.data == self.ours else self.data)


def _why(pair: Pair) -> str:
    """Rounded down: what is refused never looks as if it were enough."""
    ratio = format_decimal(floor(pair.ratio * 10) / 10, "0.0")
    return str(
        gettext(
            "This colour is hard to see on a white page: the contrast is %(ratio)s to 1, and it "
            "must be at least %(needed)s to 1. Choose a darker one.",
            ratio=ratio,
            needed=format_decimal(pair.needed),
        )
    )
