"""What a use case refuses (avslag): each exception is named for the fact it states."""

from __future__ import annotations

from models.i18n import N_


class Conflict(Exception):
    """The answer is 409: what was asked no longer fits with what is. `words` is a msgid."""

    words = N_("What you see is out of date. Load the page again.")
