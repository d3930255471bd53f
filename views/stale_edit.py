"""A stale edit (utdatert endring): found before it overwrites, and shown beside one's own."""

from __future__ import annotations

from hashlib import sha256
from hmac import digest as keyed
from typing import Any

from flask import current_app, request
from flask_babel import gettext
from sqlalchemy import inspect
from wtforms.fields.choices import SelectFieldBase

from views.choices import RowField
from views.words import shown


def version_of(item: Any) -> str:
    """What a row looks like now; keyed, so that nobody guesses a number from it."""
    columns = inspect(type(item)).column_attrs
    seen = repr([getattr(item, column.key) for column in columns])
    secret = str(current_app.secret_key).encode()
    return keyed(secret, seen.encode(), sha256).hex()


def is_fresh(form: Any, there: Any) -> bool:
    """Whether nobody has written since the form was opened, where a row is written and changed on
    one page; otherwise it is said beside the first field, and sent again it counts.

    there: the row as it is now, None before there is one. The second click on the button that made
    it is no change.
    """
    seen = form.version.data or ""
    now = version_of(there) if there is not None else ""
    is_second_click = not seen and there is not None and there.uid == request.form.get("uid")
    if seen == now or is_second_click:
        return True
    words = gettext("Somebody else has written here. Send again if you want to change that.")
    form.shown_fields()[0].errors = [words]
    form.version.data = now
    return False


def theirs(form: Any, row: Any) -> dict[str, Any]:
    """What somebody else has stored meanwhile, field by field, where it differs."""
    now, back = type(form)(formdata=None, obj=row), form.kept_back(row)
    return {
        str(mine.label.text): _in_words(stored)
        for mine, stored in zip(form.shown_fields(), now.shown_fields(), strict=True)
        if mine.name not in back
        and _comparable(mine.data) != _comparable(stored.data)
        and not _is_kept(mine, stored)
    }


def _is_kept(mine: Any, stored: Any) -> bool:
    """A row one cannot choose, which stays where it is as long as no other is chosen."""
    if not isinstance(stored, RowField) or mine.data is not None:
        return False
    return stored.data not in {choice[0] for choice in stored.choices or ()}


def is_stored(form: Any, row: Any) -> bool:
    """The row is as the form wants it already: the second click on the same button."""
    unseen = any(form[name].data for name in form.kept_back(row))
    return not unseen and not theirs(form, row)


def _comparable(value: Any) -> Any:
    return set(value) if isinstance(value, list) else value or None


def _in_words(field: Any) -> Any:
    if isinstance(field, SelectFieldBase):
        chosen: list[Any] = [choice for choice in field.iter_choices() if choice[2]]
        return ", ".join(str(choice.label) for choice in chosen if choice.value)
    return shown(field.data)
