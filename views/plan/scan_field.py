"""A scanned paper as a file somebody sends (skanning), judged by its content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms.validators import ValidationError

from integrations.scan import MoreThanPages, NotAScan, Scan, scan_of
from views.sent_file import SentFile


class ScanField(SentFile):
    """Its data is the scan, as it is kept."""

    accept = ".pdf,.jpg,.jpeg,.png"
    left_out = lazy_gettext("Choose the scanned paper. An empty file is no paper.")
    too_large = lazy_gettext("The file is larger than 10 MB. Scan it with a lower quality.")

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        super().process_formdata(valuelist)
        self.data: Scan | None = None

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        try:
            self.data = scan_of(self.sent)
        except MoreThanPages as no:
            words = gettext("This PDF is locked, or holds more than pages. Scan the paper anew.")
            raise ValidationError(words) from no
        except NotAScan as no:
            words = gettext("That is no PDF, JPEG or PNG we can read. Choose another file.")
            raise ValidationError(words) from no
