"""The owner's picture: drawn anew, as open as the presentation, and gone when it is taken away."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from integrations.drawing import LARGEST
from integrations.square import SIDE, TooSmall, square
from models.clock import today
from models.elements.presentation import Presentation
from models.illustration import Crop, Portrait
from services import illustrations
from tests.forms import a_picture

pytestmark = pytest.mark.a_page

PAGE = "/plan/1/presentation/picture/"


def put(client, data=None, **more):
    content = a_picture("JPEG", (300, 200)) if data is None else data
    form = {"crop": "middle", "agreed": "y", "picture": (BytesIO(content), "me.jpg")} | more
    form = {name: value for name, value in form.items() if value is not None}
    return client.post(PAGE, data=form, content_type="multipart/form-data")


def stored(desk):
    with desk.system() as session:
        return session.scalars(select(Portrait).order_by(Portrait.id)).all()


def image(reply):
    return Image.open(BytesIO(reply.data))


def test_it_is_drawn_anew_square_and_small_and_the_one_before_is_gone(browser, desk):
    mother = browser("mother")
    assert put(mother).status_code == 303
    before, now = stored(desk)
    assert before.removed_at and not now.removed_at and now.agreed_on == today()
    with desk.system() as session:
        assert session.scalars(select(Portrait.content)).all()[0] == ""
    page = mother.get("/plan/1/presentation/").text
    assert f"{PAGE}{now.id}" in page and f"{PAGE}{before.id}" not in page
    assert f"{PAGE}{now.id}" in mother.get("/plan/1/presentation/about-me").text
    reply = mother.get(f"{PAGE}{now.id}")
    assert reply.mimetype == "image/jpeg" and image(reply).size == (200, 200)
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in reply.headers["Cache-Control"]
    assert mother.get(f"{PAGE}{before.id}").status_code == 404


def test_where_and_when_it_was_taken_is_not_kept(browser, desk):
    exif = Image.Exif()
    exif[0x010F], exif[0x9003] = "A camera", "2026:11:28 12:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    assert put(browser("mother"), a_picture("JPEG", (300, 200), exif=exif)).status_code == 303
    reply = browser("mother").get(f"{PAGE}{stored(desk)[-1].id}")
    assert (
        not image(reply).getexif() and b"A camera" not in reply.data and b"Exif" not in reply.data
    )


def halves(size):
    """Red where it starts, blue where it ends."""
    picture = Image.new("RGB", size, "red")
    width, height = size
    part = (width // 2, 0, width, height) if width > height else (0, height // 2, width, height)
    picture.paste("blue", part)
    made = BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize("size", [(400, 100), (100, 400)])
@pytest.mark.parametrize(("crop", "red"), [(Crop.START, True), (Crop.END, False)])
def test_the_part_that_is_chosen_is_kept(size, crop, red):
    made = Image.open(BytesIO(square(halves(size), crop)))
    assert made.size == (100, 100)
    r, _, b = made.getpixel((50, 50))
    assert (r > b) is red


def test_it_is_never_larger_than_it_is_shown_and_not_too_small_to_see(browser):
    made = Image.open(BytesIO(square(a_picture("PNG", (3000, 2000)), Crop.MIDDLE)))
    assert made.size == (SIDE, SIDE)
    with pytest.raises(TooSmall):
        square(a_picture("PNG", (79, 300)), Crop.MIDDLE)


BAD = {
    "nothing": (b"", "Choose a picture."),
    "a program": (b"MZ" + bytes(200), "no JPEG or PNG"),
    "drawing with a script": (b"<svg xmlns='x'><script>alert(1)</script></svg>", "no JPEG or PNG"),
    "another kind": (a_picture("GIF"), "no JPEG or PNG"),
    "half of one": (a_picture("JPEG", (300, 200))[:200], "no JPEG or PNG"),
    "tiny": (a_picture("PNG", (8, 8)), "too small"),
    "40 MB in all, said beside the field": (bytes(LARGEST + 1), "larger than 10 MB"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_picture_is_said_beside_the_field_and_nothing_is_stored(browser, desk, what):
    data, words = BAD[what]
    reply = put(browser("mother"), data)
    assert reply.status_code == 422 and words in reply.text
    assert len(stored(desk)) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [({"agreed": None}, "Ask first."), ({"crop": "all"}, "ms-invalid"), ({"crop": None}, "choice")],
)
def test_without_a_yes_of_the_one_in_it_there_is_no_picture(browser, desk, more, words):
    reply = put(browser("mother"), **more)
    assert reply.status_code == 422 and words in reply.text
    assert len(stored(desk)) == 1


@pytest.mark.parametrize(
    "who",
    ["reader", "nurse", "grandmother", "late", "expired", "withdrawn", "uncle", "stranger",
     "office", "admin", "leader", "newcomer", "foreign coordinator"],
)  # fmt: skip
def test_others_put_none_take_none_away_and_see_it_only_with_the_part(browser, desk, who):
    client = browser(who)
    assert put(client).status_code in (403, 404)
    assert client.post(f"{PAGE}away").status_code in (403, 404)
    assert client.get(f"{PAGE}1").status_code in (403, 404)
    assert [one.removed_at for one in stored(desk)] == [None]


def test_it_is_as_hidden_as_the_presentation(browser, desk, town):
    father = browser("father")
    assert father.get(f"{PAGE}1").status_code == 200
    with desk.system() as session:
        row = session.get(Presentation, town.rows["presentation"])
        row.shielded_from_id = town.people["father"]
        session.commit()
    assert father.get(f"{PAGE}1").status_code == 404
    assert browser("mother").get(f"{PAGE}1").status_code == 200


def test_taken_away_nothing_of_it_is_left(browser, desk, engine):
    mother = browser("mother")
    assert mother.get(f"{PAGE}away").status_code == 200 and not stored(desk)[0].removed_at
    assert mother.post(f"{PAGE}away").status_code == 303
    assert mother.get(f"{PAGE}1").status_code == 404
    with desk.system() as session:
        assert session.scalars(select(Portrait.content)).all() == [""]
    assert "ms-picture" not in mother.get("/plan/1/presentation/").text
    assert mother.post(f"{PAGE}away").status_code == 404


def test_it_is_stored_encrypted_and_one_at_a_time(desk, town, engine):
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT content FROM portrait")).scalar()
    assert b"JFIF" not in bytes(kept) and b"/9j/" not in bytes(kept)
    with desk.system() as session:
        of = {"plan_id": town.plan, "presentation_id": town.rows["presentation"]}
        session.add(Portrait(**of, content="x", digest="x", agreed_on=today()))
        with pytest.raises(IntegrityError):
            session.commit()


def test_a_fault_while_it_is_stored_leaves_the_one_before(browser, desk, monkeypatch):
    def break_down(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr(illustrations, "sha256", break_down)
    assert put(browser("mother")).status_code == 500
    assert [one.removed_at for one in stored(desk)] == [None]
