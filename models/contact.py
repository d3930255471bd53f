"""Addresses in one form (kontaktopplysningar): so that the same is found to be the same."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import phonenumbers

_EMAIL = re.compile(r"[^@\s\x00]{1,64}@[^@\s\x00.]+(\.[^@\s\x00.]+)+")


class NotAnEmail(ValueError):
    """It does not look like an e-mail address."""


class NotALink(ValueError):
    """It is no address of a page that is sent encrypted."""


class NotAPhone(ValueError):
    """It is no telephone number that can be called from Norway."""


def email(text: str) -> str:
    """Lower case, no blanks around. Raises: NotAnEmail."""
    bare = text.strip().lower()
    if len(bare) > 200 or not _EMAIL.fullmatch(bare):
        raise NotAnEmail(text)
    return bare


def phone(text: str) -> str:
    """E.164 ("+4790000000"), Norway when no country is said. Raises: NotAPhone."""
    try:
        number = phonenumbers.parse(text, "NO")
    except phonenumbers.NumberParseException as wrong:
        raise NotAPhone(text) from wrong
    if not phonenumbers.is_possible_number(number):
        raise NotAPhone(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def link(text: str) -> str:
    """The address of a page, https only, without a name or password in it. Raises: NotALink."""
    bare = text.strip()
    try:
        parts = urlsplit(bare)
        plain = bare.isprintable() and " " not in bare and "\\" not in bare
        ours = parts.scheme == "https" and "." in (parts.hostname or "") and parts.port != 0
    except ValueError as wrong:
        raise NotALink(text) from wrong
    if not (plain and ours) or "@" in parts.netloc:
        raise NotALink(text)
    return bare


def telephone(number: str) -> str:
    """A Norwegian number in pairs, as people read it aloud; any other as it is."""
    ours = number.removeprefix("+47")
    if len(ours) != 8 or ours == number:
        return number
    return " ".join(ours[n : n + 2] for n in range(0, 8, 2))
