"""The municipality's logo as a file somebody sends (logo), judged by its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from flask import request
from flask_babel import gettext
from wtforms import FileField
from wtforms.validators import ValidationError

from models.picture import picture

LARGEST = 100 * 1024
WIDEST = 2000
"""A small file can say it is a huge picture, and stop a telephone."""


class LogoField(FileField):
    """Its data is the logo's fingerprint; no file sent means that nothing changes."""

    sent = b""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        file = request.files.get(self.name)
        self.sent = file.read(LARGEST + 1) if file else b""
        if self.sent:
            self.data = sha256(self.sent).hexdigest()[:12]

    def pre_validate(self, form: Any) -> None:
        if not self.sent:
            return
        if len(self.sent) > LARGEST:
            raise ValidationError(gettext("The file is larger than 100 kB. Choose a smaller one."))
        found = picture(self.sent)
        if found is None:
            raise ValidationError(gettext("That is no PNG or JPEG picture. Choose another file."))
        if max(found.width, found.height) > WIDEST:
            raise ValidationError(
                gettext("The picture is more than 2000 points wide or high. Choose a smaller one.")
            )

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.sent:
            obj.logo, obj.logo_print = self.sent, self.data
