"""What kind of device a browser is on (eining), in a few words one knows again.

Only words of the two tables below are ever kept: the header itself could tell one browser
from all others, and is forgotten with the request (personopplysningslova, GDPR art. 5 (1) c).
"""

from __future__ import annotations

BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
"""What a User-Agent has in it -> what people call it. Those who say they are others too first."""
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "Chromebook",
    "Macintosh": "Mac",
    "Linux": "Linux",
}


def device(agent: str) -> str | None:
    """ "Firefox, Windows"; None when neither is one we know. agent: the User-Agent."""
    known = (_first(BROWSERS, agent), _first(SYSTEMS, agent))
    return ", ".join(word for word in known if word) or None


def _first(words: dict[str, str], agent: str) -> str:
    return next((word for mark, word in words.items() if mark in agent), "")
