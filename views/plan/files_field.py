"""Files that go with a message (vedlegg), each judged by its content before it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from wtforms import MultipleFileField
from wtforms.validators import ValidationError

from integrations.drawing import LARGEST
from integrations.scan import MoreThanPages, NotAScan, scan_of
from services.attachments import File

MOST, LONGEST_NAME = 3, 120


class FilesField(MultipleFileField):
    """Its data is the files, as they are kept; none is all right."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(
            lazy_gettext("Files"),
            description=lazy_gettext(
                "PDF or pictures (JPEG or PNG). At most three, and 10 MB each. From pictures we "
                "remove where and when they were taken."
            ),
            render_kw={"accept": ".pdf,.jpg,.jpeg,.png"},
            **kw,
        )

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        came = [one for one in request.files.getlist(self.name) if one.filename]
        self.sent = [(_name(one.filename), one.read(LARGEST + 1)) for one in came]
        self.data: list[File] = []

    sent: Sequence[tuple[str, bytes]] = ()

    def pre_validate(self, form: Any) -> None:
        if len(self.sent) > MOST:
            raise ValidationError(gettext("At most %(num)s files go with a message.", num=MOST))
        self.data = [File(name, _looked_through(name, content)) for name, content in self.sent]

    def are_lost(self) -> None:
        """A browser does not send a file twice: what was chosen is chosen again."""
        if self.sent and not self.errors:
            self.errors = [gettext("Choose the files again. The rest of what you wrote is kept.")]


def _name(given: str | None) -> str:
    """What it is called, without the way there on somebody's machine; its ending is kept."""
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if sign.isprintable()).strip()
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME and dot and len(ending) < 10:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return name[:LONGEST_NAME] or gettext("Without a name")


def _looked_through(name: str, content: bytes) -> Any:
    if not content:
        raise ValidationError(gettext("“%(name)s” is empty.", name=name))
    if len(content) > LARGEST:
        raise ValidationError(gettext("“%(name)s” is larger than 10 MB.", name=name))
    try:
        return scan_of(content)
    except MoreThanPages as no:
        words = gettext("“%(name)s” is locked, or holds more than pages.", name=name)
        raise ValidationError(words) from no
    except NotAScan as no:
        words = gettext("“%(name)s” is no PDF, JPEG or PNG we can read.", name=name)
        raise ValidationError(words) from no
