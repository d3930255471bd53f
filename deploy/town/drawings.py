"""Pictures of the demo (teikningar): drawn here, of nobody."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw

SIDE = 480
SKY, SEA, SUN, FOAM = "#cfe6f2", "#2f6f9f", "#f2b632", "#f7fbfd"
TRACK, TRAIN, GLASS = "#8a8f94", "#b3372f", "#dff1f7"


def swimming() -> bytes:
    """Sun over waves."""
    image = Image.new("RGB", (SIDE, SIDE), SKY)
    pen = ImageDraw.Draw(image)
    pen.ellipse((290, 60, 410, 180), fill=SUN)
    pen.rectangle((0, 270, SIDE, SIDE), fill=SEA)
    for row in range(4):
        for left in range(-60 + 30 * (row % 2), SIDE, 120):
            top = 270 + 55 * row
            pen.arc((left, top - 20, left + 60, top + 20), 180, 360, fill=FOAM, width=8)
    return _jpeg(image)


def train() -> bytes:
    """A train seen from the side."""
    image = Image.new("RGB", (SIDE, SIDE), SKY)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((50, 160, 430, 340), radius=50, fill=TRAIN)
    for left in (90, 190, 290):
        pen.rounded_rectangle((left, 195, left + 75, 260), radius=12, fill=GLASS)
    for left in (95, 195, 305):
        pen.ellipse((left, 310, left + 70, 380), fill="#2b2b2b")
    pen.rectangle((0, 380, SIDE, 396), fill=TRACK)
    return _jpeg(image)


def cubby() -> bytes:
    """A bench under a shelf of books."""
    image = Image.new("RGB", (SIDE, SIDE), "#f3e9d8")
    pen = ImageDraw.Draw(image)
    pen.rectangle((40, 60, 440, 190), fill="#8a5a34")
    for place, left in enumerate(range(60, 410, 35)):
        colour = ("#b3372f", "#2f6f9f", "#f2b632", "#4d7d4a")[place % 4]
        pen.rectangle((left, 85 + 10 * (place % 3), left + 24, 178), fill=colour)
    pen.rounded_rectangle((60, 300, 420, 380), radius=20, fill="#4d7d4a")
    for left in (80, 370):
        pen.rectangle((left, 380, left + 30, 440), fill="#6b4426")
    return _jpeg(image)


def _jpeg(image: Image.Image) -> bytes:
    made = BytesIO()
    image.save(made, "JPEG", quality=82)
    return made.getvalue()
