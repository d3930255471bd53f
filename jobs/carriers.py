"""Which carriers this installation has (budberarar): mail, SMS, or a folder when it has none."""

from __future__ import annotations

from config import Settings
from integrations.file_sink import FileSink
from integrations.letter import Carrier
from models.vocabulary import Channel


def carriers(settings: Settings) -> dict[Channel, Carrier]:
    """Channel -> who carries it. With neither mail nor SMS in the settings, files hold both."""
    made: dict[Channel, Carrier] = {}
    if settings.mail is not None:
        made[Channel.MAIL] = settings.mail
    if settings.sms is not None:
        made[Channel.SMS] = settings.sms
    sink = FileSink(settings.outbox_folder)
    return made or {Channel.MAIL: sink, Channel.SMS: sink}
