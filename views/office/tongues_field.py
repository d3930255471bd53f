"""Some languages in one line (språk), by the names people here have for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale, gettext
from wtforms import StringField
from wtforms.validators import ValidationError

from models.language import Tongue, tongues

MOST = 20
LONGEST = 300


class TonguesField(StringField):
    """Names with commas between; `codes` is the answer."""

    codes: Sequence[Tongue] = ()

    def process_data(self, value: Any) -> None:
        self.codes = tuple(value or ())
        self.data = in_words(self.codes)

    def pre_validate(self, form: Any) -> None:
        names = [name.strip() for name in (self.data or "").split(",") if name.strip()]
        if len(names) > MOST or len(self.data or "") > LONGEST:
            raise ValidationError(gettext("Write fewer languages."))
        known = {one: tongue for tongue in tongues() for one in _names(tongue)} if names else {}
        unknown = [name for name in names if name.casefold() not in known]
        if unknown:
            words = gettext("We know no language called %(name)s.", name=unknown[0])
            raise ValidationError(words)
        self.codes = tuple(sorted({known[name.casefold()] for name in names}))

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, self.codes)


def in_words(codes: Sequence[Tongue]) -> str:
    here = str(get_locale())
    return ", ".join(sorted(one.name_in(here) for one in codes))


def called(words: str) -> list[Tongue]:
    """Languages that are called so, or something that begins so."""
    start = words.casefold()
    return [one for one in tongues() if any(name.startswith(start) for name in _names(one))]


def _names(tongue: Tongue) -> set[str]:
    """What one may write: its name here, its own, and its code."""
    named = (tongue.name_in(str(get_locale())), tongue.own_name, str(tongue))
    return {name.casefold() for name in named}
