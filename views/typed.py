"""What somebody had typed (det som var skrive): given back when it could not be stored."""

from __future__ import annotations

from enum import Enum

from flask import request
from werkzeug.exceptions import HTTPException

from models import vocabulary

SECRET = frozenset({"password", "secret", "old", "new", "again", "code"})
"""Names of password fields; a test holds them against every form."""
MACHINE = frozenset({"csrf_token", "uid", "version", "shown", "draft", "address"})
_CODES = {
    str(member.value)
    for kind in vars(vocabulary).values()
    if isinstance(kind, type) and issubclass(kind, Enum)
    for member in kind
}


def typed() -> str:
    """The words of a form that came in vain: no secrets, no numbers of rows, no choices.

    Empty for what another site has sent: nobody puts words in our mouth.
    """
    if request.method != "POST" or request.headers.get("Sec-Fetch-Site") == "cross-site":
        return ""
    try:
        sent = request.form.lists()
    except HTTPException:  # more than we take in
        return ""
    words = [v.strip() for name, values in sent if name not in SECRET | MACHINE for v in values]
    return "\n\n".join(word for word in words if _is_worth_keeping(word))


def _is_worth_keeping(word: str) -> bool:
    return len(word) > 3 and not word.isdigit() and word not in _CODES


def form_address() -> str:
    """Where the form is that was sent, when it can be opened again."""
    rule = request.url_rule
    opens = rule is not None and rule.methods is not None and "GET" in rule.methods
    return request.path if opens else ""
