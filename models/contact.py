"""Addresses in one form (kontaktopplysningar): so that the same is found to be the same."""

from __future__ import annotations

import re

import phonenumbers

_EMAIL = re.compile(r"[^@\s\x00]{1,64}@[^@\s\x00.]+(\.[^@\s\x00.]+)+")


class NotAnEmail(ValueError):
    """It does not look like an e-mail address."""


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
