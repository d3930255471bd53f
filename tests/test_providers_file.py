"""MEDSPEL_OIDC: what the file must say, and what is said of it when it does not."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import RSAKey

import config
from integrations.openid.provider import BadProviderSettings, read
from tests.test_secrets import SECRETS

RIGHT = """
[idporten]
name = "ID-porten"
issuer = "https://test.idporten.no"
client_id = "abc"
keys = ["first.pem", "next.pem"]
expires = { first = 2027-01-31 }
acr = "idporten-loa-high"
levels = ["idporten-loa-substantial", "idporten-loa-high"]
identity_number = "pid"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("providers")
    for name in ("first", "next"):
        (folder / f"{name}.pem").write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
    short = rsa.generate_private_key(65537, 1024)
    as_text = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "short.pem").write_bytes(short.private_bytes(*as_text))
    public = RSAKey.generate_key(2048).as_pem(private=False)
    (folder / "public.pem").write_bytes(public)
    (folder / "secret.txt").write_text("hush\n")
    return folder


def written(folder, text):
    (folder / "oidc.toml").write_text(text)
    return read(folder / "oidc.toml")


def test_what_a_provider_is_is_read_from_it(folder):
    [one] = written(folder, RIGHT)
    assert [key.kid for key in one.keys] == ["first", "next"]
    assert one.keys[0].expires.isoformat() == "2027-01-31" and one.keys[1].expires is None
    assert one.reaches("idporten-loa-high", one.acr) and one.highest == "idporten-loa-high"
    assert not one.reaches("idporten-loa-substantial", one.acr) and not one.reaches(None, one.acr)
    assert "BEGIN" not in repr(one)
    secret = RIGHT.replace('keys = ["first.pem", "next.pem"]', 'secret = "secret.txt"')
    [other] = written(folder, secret)
    assert other.secret == "hush" and "hush" not in repr(other)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"https://test.', '"http://test.'), "https://"),
        (('client_id = "abc"', ""), "set client_id"),
        (("[idporten]", "[ID porten]"), "cannot be read"),
        (("[idporten]", "[IDPORTEN]"), "a-z, 0-9"),
        (('"first.pem"', '"gone.pem"'), "gone.pem"),
        (('"first.pem"', '"short.pem"'), "shorter than 2048"),
        (('"first.pem"', '"public.pem"'), "no private"),
        (('"first.pem"', '"secret.txt"'), "[idporten]"),
        (('acr = "idporten-loa-high"', 'acr = "Level4"'), "one of levels"),
        (('keys = ["first.pem", "next.pem"]', ""), "set keys, or secret"),
        (("identity_number", "identitynumber"), "no such setting: identitynumber"),
        (('name = "ID-porten"', 'name = "x"\naudience = "dogs"'), "citizens, employees"),
        (("2027-01-31", '"soon"'), "no date"),
    ],
)
def test_what_is_wrong_in_it_is_said(folder, change, words):
    with pytest.raises(BadProviderSettings) as said:
        written(folder, RIGHT.replace(*change))
    assert words in str(said.value)


def test_it_stops_start_up_and_so_does_an_address_that_is_not_there(folder):
    (folder / "oidc.toml").write_text(RIGHT)
    named = {**SECRETS, "MEDSPEL_OIDC": str(folder / "oidc.toml")}
    with pytest.raises(config.MissingSettings, match="MEDSPEL_ADDRESS"):
        config.from_environment(named)
    right = {**named, "MEDSPEL_ADDRESS": "https://plan.example.no"}
    assert [one.key for one in config.from_environment(right).providers] == ["idporten"]
    with pytest.raises(BadProviderSettings, match="cannot be read"):
        config.from_environment({**right, "MEDSPEL_OIDC": "nowhere.toml"})
