"""The log of the program (driftslogg): JSON, one line an event, and nothing about people in it.

What a library or a fault may say is not ours to know, so the whole line is washed as it leaves:
identity numbers, telephone numbers, addresses of mail, passwords and tokens (NO-4.12).
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

_NAMED = r"(?i)(passwor[dt]|passord|secret|token|api_?key)(\\?[\"']? ?[=:] ?\\?[\"']?)[^\s\"'\\&,]+"
_RANDOM = r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{24,}(?![\w/.-])"
_WASH: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(what), instead)
    for what, instead in (
        (r"(?<=://)[^/\s:@\"]+:[^/\s@\"]+(?=@)", "[secret]"),
        (r"(?i)\b(bearer|basic) +[^\s\"\\]+", r"\1 [secret]"),
        (_NAMED, r"\1\2[secret]"),
        (r"[\w.+-]+@[\w-]+(\.[\w-]+)+", "[e-mail]"),
        (r"(?<![\d.])\d{6}[ -]?\d{5}(?![\d.])", "[number]"),
        (r"(?<![\w.:+-])(?:\+|00)\d(?:[ -]?\d){7,13}(?![\w.])", "[telephone]"),
        (r"(?<![\w.:+-])[2-9]\d(?: ?\d){6}(?![\w.:])", "[telephone]"),
        (_RANDOM, "[token]"),
    )
)


def wash(line: str) -> str:
    """The same without what may tell of anybody."""
    for what, instead in _WASH:
        line = what.sub(instead, line)
    return line


class _Washed(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return wash(super().format(record))


def install() -> None:
    """Write everything that is logged as washed JSON to the error stream, once."""
    root = logging.getLogger()
    if any(isinstance(one.formatter, _Washed) for one in root.handlers):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def _formatter() -> logging.Formatter:
    told: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    return _Washed(processors=told)
