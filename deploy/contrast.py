"""Makes views/static/contrast.css (høg kontrast): `python -m deploy.contrast`.

Every colour family of ours and of Designsystemet in steps that stand 7 to 1 as text and
3 to 1 as borders. A file of its own: most people need not apply it.
"""

from __future__ import annotations

from pathlib import Path

from models.colour import CONTRAST, CONTRAST_DARK, steps
from models.look import OURS

FILE = Path(__file__).parent.parent / "views/static/contrast.css"
FAMILIES = OURS | {
    "neutral": "#6a6358",
    "brand2": "#5b4a8a",
    "info": "#0a71c0",
    "success": "#068718",
    "warning": "#ea9b1b",
    "danger": "#c01b1b",
}
_HEAD = """\
/* High contrast: for those who choose it, and whose device asks for more.
   Made by `python -m deploy.contrast`; not edited by hand. */
"""
_RULES = (
    (CONTRAST, ":root, [data-color-scheme]", ""),
    (CONTRAST_DARK, '[data-color-scheme="dark"]', ""),
    (CONTRAST_DARK, '[data-color-scheme="auto"]', "(prefers-color-scheme: dark)"),
)


def stylesheet() -> str:
    return _HEAD + "".join(_rule(*rule) for rule in _RULES)


def _rule(scheme: str, selector: str, asked: str) -> str:
    lines = "\n".join(
        "  " + " ".join(f"--ds-color-{name}-{step}: {v};" for step, v in steps(c, scheme).items())
        for name, c in FAMILIES.items()
    )
    rule = f"{selector} {{\n{lines}\n}}\n"
    return f"@media {asked} {{ {rule}}}\n" if asked else rule


if __name__ == "__main__":
    FILE.write_text(stylesheet())
