"""A form as a browser sees it: its fields, what is in them, and what is said to be wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Field:
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The form of a page as a browser sees it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, Field] = {}
        self.text, self.form, self.select, self.area, self.invalid = "", False, "", "", 0
        self.summary = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.form = "ms-form" in a.get("class", "")
        self.summary |= "ds-error-summary" in a.get("class", "")
        self.invalid += a.get("aria-invalid") == "true" or "ms-invalid" in a.get("class", "")
        if tag == "option" and self.select:
            self._option(self.select, a.get("value", ""), "selected" in a)
        if not self.form or not a.get("name"):
            return
        name = a["name"]
        if tag == "select":
            self.select = name
            self.fields[name] = Field("select")
        elif tag == "textarea":
            self.area, self.fields[name] = name, Field("textarea", [""])
        elif tag == "input" and a.get("type") in ("radio", "checkbox"):
            self.fields.setdefault(name, Field(a["type"]))
            self._option(name, a.get("value", "y"), "checked" in a)
        elif tag == "input":
            self.fields.setdefault(name, Field(a.get("type", "text")))
            self.fields[name].values.append(a.get("value", ""))

    def _option(self, name, value, chosen):
        self.fields[name].options.append(value)
        if chosen:
            self.fields[name].values.append(value)

    def handle_endtag(self, tag):
        if tag == "textarea" and self.area:
            self.fields[self.area].values = [self.fields[self.area].values[0].removeprefix("\n")]
        self.form = self.form and tag != "form"
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data):
        if self.area:
            self.fields[self.area].values[0] += data.replace("\r\n", "\n")
        self.text += data
