"""What the demo has sent (sende varsel): the letters that went to a folder. Only in the demo."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import current_app
from flask_appbuilder import expose
from flask_babel import gettext

from models.vocabulary import Channel
from views.realm import PublicPage

NEWEST = 50


class SentPage(PublicPage):
    route_base = "/sent"

    @expose("/")
    def page(self) -> str:
        files = sorted(current_app.config["OUTBOX_FOLDER"].glob("*.json"), key=_age, reverse=True)
        letters = [_letter(file) for file in files[:NEWEST]]
        page = {"title": gettext("What the demo has sent"), "letters": letters}
        return str(self.render_template("sent.html", **page))


def _age(file: Path) -> float:
    return file.stat().st_mtime


def _letter(file: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(file.read_text())
    at = datetime.fromtimestamp(_age(file), UTC)
    return said | {"channel": Channel(said.get("channel", Channel.MAIL)), "at": at}
