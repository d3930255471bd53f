"""The signing page as it was filled in on paper (papirark)."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from models.clock import months_later, today
from models.consent import Consent, ConsentText
from services.signing import LONGEST_MONTHS
from views.plan.sheet import Sheet

_DIGITS = 8


class PaperSheet(Sheet):
    """One answer for everybody: what the signer has said before does not stand on a paper.

    Each paper has a code, of what was asked and in which words: by that the paper is known to
    answer what is asked now.
    """

    def __init__(self, consent: Consent, form: MultiDict[str, str]) -> None:
        super().__init__(consent, None, form)
        self.signed_on: date | None = None

    @property
    def code(self) -> str:
        """Of the paper in the language at hand."""
        plain = _code(self.shown)
        return f"{plain[: _DIGITS // 2]}-{plain[_DIGITS // 2 :]}"

    def knows(self, code: str) -> bool:
        """Whether that is the code of a paper that asks what is asked now, in whatever language;
        then the sheet is in that."""
        plain = "".join(one for one in code if one.isdigit())
        every: list[ConsentText | None] = [*self.texts.values()] or [None]
        for text in every:
            shown = self.shown_in(text)
            if plain == _code(shown):
                self.text, self.shown = text, shown
                return True
        return False

    def _check_time(self) -> None:
        self.until = self._date()
        if self.until is None:
            words = gettext("Write the last day, at most 12 months after the date on the paper.")
            self.errors.append(("until", words))

    def _date(self) -> date | None:
        try:
            wish = date.fromisoformat(self.other_date)
        except ValueError:
            return None
        last = months_later(self.signed_on or today(), LONGEST_MONTHS)
        return wish if today() < wish <= last else None

    def _check_shown(self) -> None:
        """By the code on the paper (`knows`)."""


def _code(digest: str) -> str:
    """Digits only, which everybody reads and types."""
    return f"{int(digest, 16) % 10**_DIGITS:0{_DIGITS}}"
