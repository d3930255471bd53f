"""What the life areas are called here (livsområda sine namn)."""

from __future__ import annotations

from flask import g
from flask_babel import get_locale
from sqlalchemy import select

from models.municipality import LifeAreaName
from models.vocabulary import LifeArea
from views.words import shown


def names() -> dict[LifeArea, str]:
    """Each life area in the municipality's own word for it, in their order."""
    language = str(get_locale())
    own = {row.area: row.in_language(language) for row in g.session.scalars(select(LifeAreaName))}
    return {area: own.get(area) or shown(area) for area in LifeArea}
