"""How hard a text is to read (lesbarheitsindeks, LIX): Björnsson 1968, as used for Norwegian."""

from __future__ import annotations

import re

LONG_WORD = 6
EASY = 40
"""What owners read is under this."""


def lix(text: str) -> int:
    """Words a sentence plus the percentage of words of more than six letters, as a whole number.

    A line without a full stop is a sentence too. 0 for a text without words.
    """
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text)
    if not words:
        return 0
    sentences = [one for one in re.split(r"[.!?:\n]+", text) if re.search(r"\w", one)]
    long = sum(len(word) > LONG_WORD for word in words)
    return round(len(words) / len(sentences) + 100 * long / len(words))
