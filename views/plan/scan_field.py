"""A scanned paper as a file somebody sends (skanning), judged by its content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext
from wtforms import FileField
from wtforms.validators import ValidationError

from integrations.scan import LARGEST, MoreThanPages, NotAScan, Scan, scan_of


class ScanField(FileField):
    """Its data is the scan, as it is kept."""

    def __init__(self, label: Any, **kw: Any) -> None:
        super().__init__(label, render_kw={"accept": ".pdf,.jpg,.jpeg,.png"}, **kw)
        self.flags.required = True

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        file = request.files.get(self.name)
        self.sent = file.read(LARGEST + 1) if file else b""
        self.data: Scan | None = None

    def pre_validate(self, form: Any) -> None:
        if not self.sent:
            raise ValidationError(gettext("Choose the scanned paper. An empty file is no paper."))
        if len(self.sent) > LARGEST:
            raise ValidationError(
                gettext("The file is larger than 10 MB. Scan it with a lower quality.")
            )
        try:
            self.data = scan_of(self.sent)
        except MoreThanPages as no:
            words = gettext("This PDF is locked, or holds more than pages. Scan the paper anew.")
            raise ValidationError(words) from no
        except NotAScan as no:
            words = gettext("That is no PDF, JPEG or PNG we can read. Choose another file.")
            raise ValidationError(words) from no
