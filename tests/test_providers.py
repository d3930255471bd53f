"""The two providers are as strict as the sign-in is told they are."""

from __future__ import annotations

import hashlib
import json
import threading
import tomllib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from deploy.test_provider import create_provider, provider_of
from deploy.test_provider.server import running
from deploy.town.sign_ins import citizens, employees
from models import identity_number
from models.clock import CLOCK, utcnow
from tests.providers import (
    HIGH,
    JONAS,
    KARI,
    MARTE,
    SUBSTANTIAL,
    TURID,
    Human,
    Page,
    ProviderSaidNo,
    PythonProvider,
    Registered,
)

VERIFIER = token_urlsafe(48)
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Portal:
    """A service that notes what it is told on the back-channel and in frames."""

    address: str = ""
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture(scope="module")
def listening() -> Iterator[Portal]:
    portal = Portal()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            words = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._note(dict(parse_qsl(words)))

        def do_GET(self) -> None:
            self._note(dict(parse_qsl(urlsplit(self.path).query)))

        def _note(self, said: dict[str, str]) -> None:
            portal.told.append((urlsplit(self.path).path, said))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    portal.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield portal
    server.shutdown()
    server.server_close()


@pytest.fixture
def portal(listening: Portal) -> Portal:
    listening.told.clear()
    return listening


@pytest.fixture
def medspel(provider, portal) -> Registered:
    return provider.client(portal.address)


def wish(medspel, **changes):
    """What Medspel asks for; None leaves a parameter out."""
    asked = {
        "response_type": "code", "client_id": medspel.client.client_id,
        "redirect_uri": medspel.client.redirect_uris[0], "scope": "openid profile",
        "state": "the state/+", "nonce": "the nonce", "code_challenge": CHALLENGE,
        "code_challenge_method": "S256", "acr_values": HIGH, "ui_locales": "nn",
    } | changes  # fmt: skip
    return {name: value for name, value in asked.items() if value is not None}


def address(provider, medspel, **changes):
    return f"{provider.at['authorization_endpoint']}?{urlencode(wish(medspel, **changes))}"


def push(provider, medspel, proof=None, **changes):
    at = provider.at["pushed_authorization_request_endpoint"]
    return requests.post(at, wish(medspel, **changes) | (proof or medspel.assertion()), timeout=5)


def exchange(provider, medspel, back, proof=None, **changes):
    """The token endpoint's answer to the code in a callback."""
    form = {
        "grant_type": "authorization_code", "code": query(back).get("code", ""),
        "redirect_uri": medspel.client.redirect_uris[0], "code_verifier": VERIFIER,
    } | changes  # fmt: skip
    proof = medspel.assertion() if proof is None else proof
    return requests.post(provider.at["token_endpoint"], form | proof, timeout=5)


def query(back):
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def claims(provider, answer):
    keys = KeySet.import_key_set(requests.get(provider.at["jwks_uri"], timeout=5).json())
    return jwt.decode(answer.json()["id_token"], keys, algorithms=["RS256"]).claims


def sign_in(provider, medspel, who=MARTE, human=None, acr=HIGH, **changes):
    back = (human or provider.human()).answer(address(provider, medspel, **changes), who, acr)
    return exchange(provider, medspel, back)


def refused(answer, error):
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"] == error, answer.text
    return True


def test_a_person_signs_in_and_the_token_says_who_and_how(provider, portal, medspel):
    said = tomllib.loads(medspel.toml.read_text())["idporten"]
    assert said["issuer"] == provider.issuer == provider.at["issuer"]
    assert not provider.issuer.endswith("/")
    assert (medspel.toml.parent / said["keys"][0]).resolve() == medspel.key_file
    assert medspel.key_file.stat().st_mode & 0o777 == 0o600
    pushed = push(provider, medspel)
    assert pushed.status_code == 201 and pushed.json()["expires_in"] <= 120
    me, uri = medspel.client.client_id, pushed.json()["request_uri"]
    short = f"{provider.at['authorization_endpoint']}?" + urlencode(
        {"client_id": me, "request_uri": uri}
    )
    back = provider.answer(short, MARTE)
    assert back.startswith(medspel.client.redirect_uris[0] + "?")
    assert query(back)["state"] == "the state/+" and query(back)["iss"] == provider.issuer
    answer = exchange(provider, medspel, back)
    got = claims(provider, answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert got["iss"] == provider.issuer and got["aud"] == me and got["nonce"] == "the nonce"
    assert got["acr"] == HIGH and got["pid"] == MARTE.identity_number and got["sid"]
    assert got["exp"] - got["iat"] == 120 and abs(got["auth_time"] - got["iat"]) < 10
    assert refused(exchange(provider, medspel, back), "invalid_grant")  # a code is used once
    with pytest.raises(ProviderSaidNo):  # so is a pushed request
        raise ProviderSaidNo(query(provider.answer(short, MARTE))["error"])
    assert "pid" not in claims(provider, sign_in(provider, medspel, KARI))
    assert claims(provider, sign_in(provider, medspel, TURID))["oid"] == TURID.claims["oid"]


def test_the_subject_is_another_for_each_service(provider, medspel, portal):
    other = provider.client(portal.address, name="other")
    first, again, elsewhere, another = (
        claims(provider, sign_in(provider, one, who))["sub"]
        for one, who in ((medspel, MARTE), (medspel, MARTE), (other, MARTE), (medspel, JONAS))
    )
    assert first == again and len({first, elsewhere, another}) == 3


def test_who_calls_is_proven_each_time(provider, medspel):
    now = int(utcnow().timestamp())
    good = medspel.assertion()
    back = provider.answer(address(provider, medspel), MARTE)
    for proof in (
        {},
        {"client_id": medspel.client.client_id, "client_secret": "a secret"},
        medspel.assertion(iss="another"),
        medspel.assertion(sub="another"),
        medspel.assertion(iss="another", sub="another"),
        medspel.assertion(aud="https://another.no"),
        medspel.assertion(aud=provider.at["token_endpoint"]),
        medspel.assertion(iat=now, exp=now + 121),
        medspel.assertion(exp=now - 120, iat=now - 200),
        medspel.assertion(exp=None),
        medspel.assertion(jti=None),
        medspel.assertion(alg="PS256"),
        medspel.assertion(kid="nobody-knows"),
        good | {"client_assertion": good["client_assertion"][:-8] + "AAAAAAAA"},
        good | {"client_assertion": "rubbish"},
        good | {"client_assertion_type": "another"},
        good | {"client_id": "another"},
    ):
        answer = exchange(provider, medspel, back, proof)
        error = answer.json()["error"]
        assert refused(answer, "invalid_client" if provider.kind == "python" else error)
        assert push(provider, medspel, proof or {"client_assertion": ""}).status_code in (400, 401)
    assert exchange(provider, medspel, back, good).ok  # a refused call costs no code
    back = provider.answer(address(provider, medspel), MARTE)
    assert refused(exchange(provider, medspel, back, good), "invalid_client")  # the same jti
    assert push(provider, medspel, good).status_code == 401


def test_a_code_is_for_whoever_asked_with_the_verifier_and_the_address(provider, medspel, portal):
    other = provider.client(portal.address, name="other")
    for registered, changes in (
        (medspel, {"code_verifier": token_urlsafe(48)}),
        (medspel, {"code_verifier": ""}),
        (medspel, {"redirect_uri": f"{portal.address}/elsewhere"}),
        (medspel, {"code": "made-up"}),
        (other, {"redirect_uri": medspel.client.redirect_uris[0]}),
    ):
        back = provider.answer(address(provider, medspel), MARTE)
        answer = exchange(provider, registered, back, **changes)
        assert answer.status_code == 400, (changes, answer.text)
        assert answer.json()["error"] in ("invalid_grant", "invalid_request")
    wrong = exchange(provider, medspel, back, grant_type="client_credentials")
    assert wrong.status_code == 400


def test_people_are_sent_nowhere_but_to_a_registered_address(provider, medspel):
    registered = medspel.client.redirect_uris[0]
    for changes in (
        {"redirect_uri": registered + "/"},
        {"redirect_uri": registered + "?a=b"},
        {"redirect_uri": registered.replace("127.0.0.1", "localhost")},
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "nobody"},
    ):
        with pytest.raises(ProviderSaidNo):
            provider.answer(address(provider, medspel, **changes), MARTE)
        assert push(provider, medspel, **changes).status_code in (400, 401)


@pytest.mark.parametrize(
    ("changes", "error", "always"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request", True),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request", True),
        ({"code_challenge_method": "plain"}, "invalid_request", True),
        ({"code_challenge_method": None}, "invalid_request", True),
        ({"response_type": "code id_token"}, "unsupported_response_type", True),
        ({"request": "a.b.c"}, "request_not_supported", True),
        ({"prompt": "none"}, "login_required", True),
        ({"prompt": "none login"}, "invalid_request", True),
        ({"max_age": "soon"}, "invalid_request", True),
        ({"state": None}, "invalid_request", False),
        ({"nonce": None}, "invalid_request", False),
        ({"scope": "profile"}, "invalid_scope", False),
        ({"acr_values": "Level4"}, "invalid_request", False),
        ({"response_mode": "fragment"}, "invalid_request", False),
    ],
)
def test_a_wrong_wish_is_sent_back(provider, medspel, changes, error, always):
    if provider.kind == "node" and not always:
        return  # ID-porten asks for it, the standard does not
    back = provider.answer(address(provider, medspel, **changes), MARTE)
    said = dict(parse_qsl(urlsplit(back).query or urlsplit(back).fragment))
    assert back.startswith(medspel.client.redirect_uris[0])
    assert said["error"] == error and said["iss"] == provider.issuer
    assert ("state" in said) == ("state" not in changes)


def test_cancelling_comes_back_as_an_error(provider, medspel):
    back = provider.answer(address(provider, medspel), MARTE, cancel=True)
    assert query(back)["error"] == "access_denied" and query(back)["state"] == "the state/+"


def test_single_sign_on_levels_and_signing_in_anew(provider, medspel, portal):
    other, human = provider.client(portal.address, name="other"), provider.human()
    low = sign_in(provider, medspel, human=human, acr=SUBSTANTIAL, acr_values=SUBSTANTIAL)
    low = claims(provider, low)
    assert low["acr"] == SUBSTANTIAL
    here = address(provider, other, acr_values=SUBSTANTIAL)
    same = claims(provider, exchange(provider, other, human.answer(here)))  # nobody is asked
    assert same["acr"] == SUBSTANTIAL and same["auth_time"] == low["auth_time"]
    silent = human.answer(address(provider, other, acr_values=SUBSTANTIAL, prompt="none"))
    assert "code" in query(silent)
    assert isinstance(human.open(address(provider, other)), Page)  # high: asked once more
    high = claims(provider, sign_in(provider, other, human=human))
    assert high["acr"] == HIGH
    again = address(provider, medspel, prompt="login")
    assert isinstance(human.open(again), Page)
    with pytest.raises((ProviderSaidNo, AssertionError)):  # high asked for, low chosen
        provider.answer(address(provider, medspel), MARTE, SUBSTANTIAL)
    assert isinstance(provider.human().open(address(provider, medspel)), Page)  # other browser


def test_signing_in_anew_gives_a_new_moment_and_sessions_end(python_provider, portal):
    medspel = python_provider.client(portal.address)
    human, start = python_provider.human(), utcnow()

    def after(minutes, **changes):
        with CLOCK.stopped_at(start + timedelta(minutes=minutes)):
            return human.open(address(python_provider, medspel, **changes))

    with CLOCK.stopped_at(start):
        first = claims(python_provider, sign_in(python_provider, medspel, human=human))
    with CLOCK.stopped_at(start + timedelta(minutes=5)):
        anew = sign_in(python_provider, medspel, human=human, prompt="login")
        anew = claims(python_provider, anew)
    assert anew["auth_time"] == first["auth_time"] + 300 and anew["sid"] == first["sid"]
    assert isinstance(after(20), str) and isinstance(after(20, max_age="600"), Page)
    assert isinstance(after(49), str) and isinstance(after(80), Page)  # half an hour unused
    with CLOCK.stopped_at(start):
        sign_in(python_provider, medspel, human=human)
    assert all(isinstance(after(minutes), str) for minutes in range(25, 121, 25))
    assert isinstance(after(121), Page)


def test_what_lives_too_long_is_dead(python_provider, portal):
    medspel, start = python_provider.client(portal.address), utcnow()
    with CLOCK.stopped_at(start):
        uri = push(python_provider, medspel).json()["request_uri"]
        back = python_provider.answer(address(python_provider, medspel), MARTE)
    me = {"client_id": medspel.client.client_id, "request_uri": uri}
    with CLOCK.stopped_at(start + timedelta(seconds=61)):
        assert refused(exchange(python_provider, medspel, back), "invalid_grant")
    with CLOCK.stopped_at(start + timedelta(seconds=121)), pytest.raises(ProviderSaidNo):
        python_provider.answer(
            f"{python_provider.at['authorization_endpoint']}?{urlencode(me)}", MARTE
        )


def test_signing_out_ends_it_for_every_service(provider, medspel, portal):
    other, human = provider.client(portal.address, name="other"), provider.human()
    token = sign_in(provider, medspel, human=human).json()["id_token"]
    sid = {
        one.client.client_id: claims(provider, sign_in(provider, one, human=human))["sid"]
        for one in (medspel, other)
    }
    form = {
        "id_token_hint": token, "state": "out/+",
        "post_logout_redirect_uri": medspel.client.post_logout_redirect_uris[0],
    }  # fmt: skip
    for wrong in (f"{portal.address}/elsewhere", "https://evil.example/"):
        with pytest.raises(ProviderSaidNo):
            human.sign_out(
                provider.at["end_session_endpoint"], form | {"post_logout_redirect_uri": wrong}
            )
    left = human.sign_out(provider.at["end_session_endpoint"], form)
    assert left.back == f"{medspel.client.post_logout_redirect_uris[0]}?state=out%2F%2B"
    assert isinstance(human.open(address(provider, medspel)), Page)  # signed out
    back_channel = [said for path, said in portal.told if path == "/sign-out/back-channel"]
    keys = KeySet.import_key_set(requests.get(provider.at["jwks_uri"], timeout=5).json())
    heard = [jwt.decode(said["logout_token"], keys, algorithms=["RS256"]) for said in back_channel]
    assert {one.claims["aud"]: one.claims["sid"] for one in heard} == sid
    for one in heard:
        assert one.header["typ"] == "logout+jwt" and "nonce" not in one.claims
        assert one.claims["iss"] == provider.issuer and one.claims["jti"] and one.claims["exp"]
        assert list(one.claims["events"]) == ["http://schemas.openid.net/event/backchannel-logout"]
    if provider.kind == "python":
        frames = [said for path, said in portal.told if path == "/sign-out/front-channel"]
        assert frames == [{"iss": provider.issuer, "sid": s} for s in sid.values()]
        assert provider.frontchannel(medspel, sid[medspel.client.client_id]) in left.frames
        assert [one.status for one in provider.inside.told] == [204, 204]
        gone = human.sign_out(f"{provider.at['end_session_endpoint']}?{urlencode(form)}")
        assert gone.back == left.back and not gone.frames  # once more: nobody is told again


def test_signing_out_needs_a_token_and_is_not_held_up(python_provider, portal):
    nobody = python_provider.client("http://127.0.0.1:9")
    human, at = python_provider.human(), python_provider.at["end_session_endpoint"]
    token = sign_in(python_provider, nobody, human=human).json()["id_token"]
    for hint in ("", "a.b.c", token[:-8] + "AAAAAAAA"):
        with pytest.raises(ProviderSaidNo):
            human.open(at, {"id_token_hint": hint})
    left = human.open(at, {"id_token_hint": token})
    assert isinstance(left, Page) and "TestID" in left.html
    assert [one.status for one in python_provider.inside.told] == [None]


def test_a_test_forges_tokens_and_makes_the_provider_fail(python_provider, portal):
    medspel = python_provider.client(portal.address)
    python_provider.token(acr="idporten-loa-low", pid=None, nonce="another")
    got = claims(python_provider, sign_in(python_provider, medspel))
    assert got["acr"] == "idporten-loa-low" and got["nonce"] == "another" and "pid" not in got
    faults = python_provider.inside.faults
    faults.forge = lambda header, claims: json.dumps([header["alg"], claims["aud"]])
    raw = sign_in(python_provider, medspel).json()["id_token"]
    assert json.loads(raw) == ["RS256", medspel.client.client_id]
    faults.mend()
    at = python_provider.at["jwks_uri"]
    faults.endpoints["jwks"] = "500"
    assert requests.get(at, timeout=5).status_code == 500
    assert requests.get(f"{python_provider.issuer}/.well-known/openid-configuration", timeout=5).ok
    faults.endpoints["jwks"] = "rubbish"
    with pytest.raises(ValueError):
        requests.get(at, timeout=5).json()
    faults.endpoints["jwks"] = "nothing"
    with pytest.raises(requests.ConnectionError):
        requests.get(at, timeout=5)
    faults.endpoints.update({"jwks": 30})
    with pytest.raises(requests.Timeout):
        requests.get(at, timeout=0.2)
    faults.mend()
    assert requests.get(at, timeout=5).ok


def test_keys_rotate(python_provider, portal):
    medspel = python_provider.client(portal.address)

    def published():
        found = requests.get(python_provider.at["jwks_uri"], timeout=5).json()["keys"]
        assert not any("d" in key for key in found)
        return [key["kid"] for key in found]

    before = published()
    python_provider.inside.keys.rotate()
    assert published()[:-1] == before
    answer = sign_in(python_provider, medspel)
    kid = jws.extract_compact(answer.json()["id_token"].encode()).headers()["kid"]
    assert kid == published()[-1] and claims(python_provider, answer)
    python_provider.inside.keys.rotate(keep=False)
    assert len(published()) == 1 and kid not in published()


def test_two_providers_on_one_machine_share_no_cookie(python_provider, portal, tmp_path):
    """A browser sends a cookie to every port of a host."""
    with running(lambda issuer: create_provider(issuer, people=[MARTE])) as app:
        second = PythonProvider(app, tmp_path)
        one, two = python_provider.human(), second.human()
        two.browser = one.browser
        here, there = python_provider.client(portal.address), second.client(portal.address)
        sign_in(python_provider, here, human=one)
        assert isinstance(two.open(address(second, there)), Page)
        sign_in(second, there, human=two)
        assert isinstance(one.open(address(python_provider, here)), str)  # still signed in


def test_a_provider_may_be_without_pushed_requests():
    app = create_provider("https://x.no", par=False)
    described = app.test_client().get("/.well-known/openid-configuration").json
    assert "pushed_authorization_request_endpoint" not in described
    assert app.test_client().post("/par").status_code == 404
    assert provider_of(app).issuer == "https://x.no"


@pytest.mark.parametrize(
    ("asked", "shown", "words"),
    [("nn", "nn", "oppdikta"), ("nb", "nb", "oppdiktet"), ("en", "en", "invented"),
     ("se", "nb", "oppdiktet"), ("fr en", "en", "invented")],
)  # fmt: skip
def test_the_page_speaks_the_language_asked_for(python_provider, portal, asked, shown, words):
    medspel = python_provider.client(portal.address)
    page = python_provider.human().open(address(python_provider, medspel, ui_locales=asked))
    assert f'lang="{shown}"' in page.html and words in page.html
    answer = requests.get(page.url, timeout=5, headers={"Accept-Language": "nn"})
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert f"form-action 'self' {portal.address};" in policy


def test_the_demos_people_are_nobody():
    people = citizens()
    assert len({one.key for one in people}) == len(people) > 25
    numbers = [one.identity_number for one in people if one.identity_number]
    assert len(set(numbers)) == len(numbers) == len(people) - 1
    assert all(identity_number.parse(one, synthetic=True) == one for one in numbers)
    employed = employees()
    assert all(not one.identity_number for one in employed)
    assert len({one.claims["oid"] for one in employed}) == len(employed)
    assert {one.claims["tid"] for one in employed} > {employed[0].claims["tid"]}
    assert isinstance(Human("http://127.0.0.1"), Human)
