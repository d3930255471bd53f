"""`flask --app app notify test`: whether what is set for mail and SMS works (prøv varsling)."""

from __future__ import annotations

from uuid import uuid4

import click

import config
from integrations.catalogue import translate
from integrations.letter import Carrier, Letter, Refused, Unreachable
from integrations.returned_mail import ReturnBox
from jobs.carriers import carriers
from models.i18n import N_
from models.language import LANGUAGES, Language
from models.vocabulary import Channel

TEXT = N_("This is a test. If you can read it, Medspel can reach you.")


@click.group()
def notify() -> None:
    """What Medspel sends."""


@notify.command()
@click.option("--mail", default="", help="an e-mail address of your own")
@click.option("--sms", default="", help="a mobile number of your own, +47…")
@click.option("--language", default="nn", type=click.Choice([str(one) for one in LANGUAGES]))
def test(mail: str, sms: str, language: str) -> None:
    """Send a test by each channel; the exit status is 1 when one of them fails."""
    wanted = {channel: to for channel, to in ((Channel.MAIL, mail), (Channel.SMS, sms)) if to}
    if not wanted:
        raise click.UsageError("Say where to: --mail you@example.no, --sms +4790000000")
    settings = config.from_environment()
    able, failed = carriers(settings), False
    for channel, to in wanted.items():
        if channel not in able:
            said = "nothing is set for this channel"
        else:
            said = _try(able[channel], _letter(channel, to, Language(language)))
        failed = failed or said != "sent"
        click.echo(f"{channel}: {said}")
    if settings.returns is not None:
        said = _look(settings.returns)
        failed = failed or said != "can be read"
        click.echo(f"returned mail: {said}")
    raise SystemExit(1 if failed else 0)


def _look(box: ReturnBox) -> str:
    try:
        box.look()
    except Unreachable as why:
        return f"not reachable ({why})"
    return "can be read"


def _letter(channel: Channel, to: str, language: Language) -> Letter:
    text = translate(TEXT, language)
    return Letter(uid=str(uuid4()), channel=channel, to=to, text=text, language=language)


def _try(carrier: Carrier, letter: Letter) -> str:
    try:
        carrier.send(letter)
    except Refused as why:
        return f"refused ({why})"
    except Unreachable as why:
        return f"not reachable ({why})"
    return "sent"
