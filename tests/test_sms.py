"""SMS by a real HTTP gateway: any JSON it wants, and what its answers mean."""

from __future__ import annotations

import pytest

import config
from integrations import sms
from integrations.letter import Letter, Refused, Unreachable
from integrations.sms import BadSmsSettings, SmsGateway
from models.language import Language
from models.vocabulary import Channel
from tests.post import http

BODY = '{"messages": [{"to": "{to}", "body": "{text}"}], "ref": "medspel-{id}", "flash": false}'
PORTAL = "https://plan.example.no"


def letter(text="Møteinnkalling. Svar innan fredag."):
    return Letter(
        uid="u-1", channel=Channel.SMS, to="+4790000001", text=text, language=Language.NYNORSK
    )


def gateway(url, headers='{"Authorization": "Bearer secret"}', body=BODY):
    return SmsGateway.parse(url, headers, body, PORTAL)


def test_the_gateway_gets_its_own_json_with_our_words_in_it():
    with http() as there:
        ours = gateway(there.url)
        ours.send(letter())
    ((headers, body),) = there.taken
    assert body == {
        "messages": [{"to": "+4790000001", "body": f"Møteinnkalling. Svar innan fredag. {PORTAL}"}],
        "ref": "medspel-u-1",
        "flash": False,
    }
    assert headers["Authorization"] == "Bearer secret" and "secret" not in repr(ours)


def test_words_that_look_like_a_place_in_the_template_are_only_words():
    with http() as there:
        gateway(there.url).send(letter('{to} {id} "}, {"x": "{text}'))
    assert there.taken[0][1]["messages"][0]["body"].startswith('{to} {id} "}, {"x": "{text}')


@pytest.mark.parametrize("status", [400, 422])
def test_a_number_that_is_refused_is_not_tried_again(status):
    with http() as there:
        there.status = status
        with pytest.raises(Refused):
            gateway(there.url).send(letter())


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 502, 503])
def test_what_is_not_the_numbers_fault_is_tried_again(status):
    with http() as there:
        there.status = status
        with pytest.raises(Unreachable):
            gateway(there.url).send(letter())


def test_our_key_is_sent_to_no_other_address():
    with http() as there, http() as elsewhere:
        there.status, there.headers = 307, {"Location": elsewhere.url}
        with pytest.raises(Unreachable):
            gateway(there.url).send(letter())
    assert elsewhere.taken == []


def test_a_gateway_that_hangs_or_is_not_there_is_tried_again(monkeypatch):
    monkeypatch.setattr(sms, "TIMEOUT", 0.3)
    with http() as there:
        there.slow = 1
        with pytest.raises(Unreachable):
            gateway(there.url).send(letter())
    with pytest.raises(Unreachable):
        gateway(there.url).send(letter())


@pytest.mark.parametrize(
    "url, headers, body",
    [
        ("ftp://x.no", "", BODY), ("https://x.no", "no json", BODY), ("https://x.no", "[]", BODY),
        ("https://x.no", "", "{"), ("https://x.no", "", '{"to": "{to}"}'),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_say_so_at_start(url, headers, body):
    with pytest.raises(BadSmsSettings) as said:
        gateway(url, headers, body)
    assert "MEDSPEL_SMS_" in str(said.value)


def test_who_sends_needs_an_address_to_point_to(tmp_path):
    demo = {"MEDSPEL_DEMO": "1", "DATA": str(tmp_path), "MEDSPEL_SMTP": "smtp://x.no"}
    demo["MEDSPEL_MAIL_FROM"] = "a@x.no"
    with pytest.raises(config.MissingSettings, match="MEDSPEL_ADDRESS"):
        config.from_environment(demo)
    settings = config.from_environment(demo | {"MEDSPEL_ADDRESS": PORTAL})
    assert settings.mail is not None and settings.sms is None
