"""Vendored files anew from npm (ressursar): `make assets`, when a version below is changed.

Needs npm; nothing else of Medspel does. What is fetched is checked in with its licence, so
that no page ever asks another host, and no build step stands between a change and a page.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from views.assets import FOLDER

VENDOR = FOLDER / "vendor"
FILES = {  # package: {file in it: name here}
    "@digdir/designsystemet-css@1.22.0": {"dist/src/index.css": "designsystemet.css"},
    "@digdir/designsystemet-theme@1.11.0": {
        "src/themes/designsystemet.css": "designsystemet-theme.css"
    },
    "@fontsource-variable/inter@5.3.0": {
        "files/inter-latin-wght-normal.woff2": "inter-latin-wght-normal.woff2",
        "files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext-wght-normal.woff2",
    },
}
ICONS = "@navikt/aksel-icons@8.16.2"
CREDIT = "Aksel icons, Copyright Nav (Arbeids- og velferdsdirektoratet), MIT"


class NoNpm(SystemExit):
    """npm is not here, or has not found the package."""


def main() -> None:
    """Fetch every file, and draw the sprite again with the icons it has."""
    if shutil.which("npm") is None:
        raise NoNpm("npm is needed: apt-get install npm")
    for package, files in FILES.items():
        with TemporaryDirectory() as folder:
            inside = _fetch(package, Path(folder))
            for source, name in files.items():
                shutil.copyfile(inside / source, VENDOR / name)
    with TemporaryDirectory() as folder:
        sprite = _sprite(_fetch(ICONS, Path(folder)) / "dist/svg")
        (VENDOR / "icons.svg").write_text(sprite)


def _fetch(package: str, folder: Path) -> Path:
    run = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=False)
    if run.returncode:
        raise NoNpm(f"npm has not found {package}")
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def _sprite(folder: Path) -> str:
    """One file of all icons in use; a page shows one by its name."""
    known = (VENDOR / "icons.svg").read_text()
    names = sorted({*re.findall(r'symbol id="(\w+)"', known), *sys.argv[1:]})
    symbols = [_symbol(name, (folder / f"{name}.svg").read_text()) for name in names]
    opening = f'<svg xmlns="http://www.w3.org/2000/svg">\n<!-- {CREDIT} -->\n'
    return opening + "\n".join(symbols) + "\n</svg>\n"


def _symbol(name: str, svg: str) -> str:
    drawn = re.sub(r"^<svg[^>]*>|</svg>\s*$|\n", "", svg.strip())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawn}</symbol>'


if __name__ == "__main__":
    main()
