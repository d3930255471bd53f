"""A further language is a further catalogue: nothing else is changed, and all of it is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from secrets import token_urlsafe

import polib
import pytest

from config import new_key

ROOT = Path(__file__).parent.parent
LEFT_OUT = shutil.ignore_patterns(".*", "data", "tests", "docs", "bench", "__pycache__")
WORD = "مدرسة"
VISIT = """
import re
import sys
import config
from app import create_app
from tests.page import Page

client = create_app(config.from_environment()).test_client()
HERE = {"base_url": "https://localhost"}

def get(address):
    reply = client.get(address, follow_redirects=True, **HERE)
    assert reply.status_code == 200, (address, reply.status_code)
    print("PAGE", reply.text.replace("\\n", " "))
    return reply.text

def send(address, **data):
    fields = Page(get(address)).fields.items()
    there = {name: field.values[0] for name, field in fields if field.values}
    headers = {"Referer": "https://localhost/"}
    reply = client.post(address, data=there | data, headers=headers, **HERE)
    assert reply.status_code == 303, (address, reply.status_code, reply.text)

def accept():
    there = get("/agreement/").partition('action="/agreement/')[2].partition("</form>")[0]
    data = dict(re.findall(r'name="(\\w+)" value="([^"]+)"', there))
    headers = {"Referer": "https://localhost/"}
    reply = client.post("/agreement/", data=data, headers=headers, **HERE)
    assert reply.status_code == 303, (reply.status_code, reply.text)

send("/sign-in/", name="anne", secret=sys.argv[1])
send("/password/", new="ei lang setning om fjorden", again="ei lang setning om fjorden")
accept()
get("/")
send("/register/servicetype/add", nn="Skule", nb="Skole", ar=sys.argv[2])
get("/register/servicetype/list/")
get("/help/ServiceTypeView.list")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The project as it is, and a catalogue in Arabic in which each text stands in marks."""
    folder = tmp_path_factory.mktemp("fourth") / "medspel"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "page.py", folder / "tests")
    run(folder, "-m", "deploy.catalogues", "ar")
    path = folder / "translations" / "ar" / "LC_MESSAGES" / "messages.po"
    book = polib.pofile(str(path))
    for entry in book:
        entry.msgstr = "" if entry.msgid_plural else f"⟦{entry.msgid}⟧"
        for form in entry.msgstr_plural:
            entry.msgstr_plural[form] = f"⟦{entry.msgid_plural}⟧"
    book.save(str(path))
    book.save_as_mofile(str(path.with_suffix(".mo")))
    return folder


def run(folder, *words, **environment):
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_a_fourth_catalogue_is_a_fourth_language_everywhere(project):
    town = {
        "DATABASE_URL": f"sqlite:///{project / 'medspel.db'}", "SECRET_KEY": token_urlsafe(48),
        "MEDSPEL_KEYS": f"one:{new_key()}", "MEDSPEL_INDEX_KEY": new_key(),
        "MEDSPEL_SEAL_KEY": token_urlsafe(48),
    }  # fmt: skip
    run(project, "-m", "deploy.release", **town)
    said = run(project, "-m", "deploy.municipality", "Solvik", "ar", "Anne", "anne", **town)
    pages = run(project, "-c", VISIT, said.split()[-1], WORD, **town).split("PAGE ")[1:]
    sign_in, password, agreement, start, form, words, help_page = pages
    assert '<html lang="nn"' in sign_in  # nobody knows yet who it is
    for page in (password, agreement, start, form, words, help_page):
        assert '<html lang="ar" dir="rtl"' in page and "⟦" in page
    assert 'value="ar" lang="ar"' in sign_in and "العربية</button>" in sign_in
    assert 'lang="ar"' in form and 'name="ar"' in form
    assert WORD in words
    assert re.search(r'class="ms-lines"[^>]* lang="nn"', help_page)  # what is not written is said
