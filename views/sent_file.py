"""A file sent with a form (sendt fil): that there is one, and that it is not too large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import request
from wtforms import FileField
from wtforms.validators import ValidationError

from integrations.drawing import LARGEST


class SentFile(FileField):
    """`sent`: what came, at most LARGEST bytes and one. What it holds is judged by its class.

    accept: the endings a browser offers; left_out, too_large: what is said.
    """

    accept: ClassVar[str]
    left_out: ClassVar[Any]
    too_large: ClassVar[Any]
    sent = b""

    def __init__(self, label: Any, **kw: Any) -> None:
        super().__init__(label, render_kw={"accept": self.accept}, **kw)
        self.flags.required = True

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        file = request.files.get(self.name)
        self.sent = file.read(LARGEST + 1) if file else b""

    def pre_validate(self, form: Any) -> None:
        if not self.sent:
            raise ValidationError(str(self.left_out))
        if len(self.sent) > LARGEST:
            raise ValidationError(str(self.too_large))
