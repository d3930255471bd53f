"""`flask --app app doctor`: what is wrong with the set-up (oppsett), and what to do.

It changes nothing and sends nothing; with providers it says only who we are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

import config
from integrations.certificate import BadCertificate
from integrations.openid.client import Client, CodeRefused, ProviderUnreachable
from integrations.openid.provider import Provider, SigningKey
from jobs.receipts import waiting
from models.clock import today, utcnow
from services.health import health, is_ready

Finding = tuple[bool, str]
"""Whether it is well, and the words for it: what is wrong and what to do, when it is not."""
WARNED = timedelta(days=30)
"""How long before a key runs out it is said."""
WORKER_LATE = timedelta(hours=2)
CLOCKS_APART = timedelta(seconds=20)


@click.command()
@with_appcontext
def doctor() -> None:
    """Check the set-up; the exit status is 1 when something must be done."""
    settings, wrong = config.from_environment(), 0
    engine: Engine = current_app.extensions["sqlalchemy"].engine
    for well, words in _findings(settings, engine):
        click.echo(f"{'well ' if well else 'WRONG'}  {words}")
        wrong += not well
    click.echo("All is well." if not wrong else f"{wrong} to be mended.")
    raise SystemExit(1 if wrong else 0)


def _findings(settings: config.Settings, engine: Engine) -> Iterator[Finding]:
    yield from _database(engine)
    yield from _portal(settings)
    yield from _channels(settings)
    yield from _receipts(settings, engine)
    for provider in settings.providers:
        yield from _provider(settings.portal, provider)
    if not settings.providers:
        yield True, "sign-in: with passwords only; MEDSPEL_OIDC adds ID-porten and others"


def _database(engine: Engine) -> Iterator[Finding]:
    try:
        if not is_ready(engine):
            yield False, "database: waits for a release; run: python -m deploy.release"
            return
    except DBAPIError as fault:
        yield False, f"database: does not answer ({type(fault.orig).__name__})"
        return
    yield True, "database: answers, and has this version's tables"
    ended = [job.ended_at for job in health(engine).jobs if job.ended_at]
    if not ended or max(ended) < utcnow() - WORKER_LATE:
        yield False, "worker: has not run for two hours; start: python -m jobs.worker"
    else:
        yield True, "worker: runs"


def _portal(settings: config.Settings) -> Iterator[Finding]:
    if not settings.portal:
        yield settings.demo, "address: not set; MEDSPEL_ADDRESS, https://… as people type it"
    elif urlsplit(settings.portal).scheme != "https" and not settings.demo:
        yield False, "address: MEDSPEL_ADDRESS must begin with https:// where real people are"
    else:
        yield True, f"address: {settings.portal}"
    if not settings.secure_cookies and not settings.demo:
        yield False, "cookies: may go over open lines; unset MEDSPEL_INSECURE_COOKIES"
    if not settings.hosts and not settings.demo:
        yield False, "hosts: MEDSPEL_HOSTS names no host, so any Host header is believed"


def _channels(settings: config.Settings) -> Iterator[Finding]:
    for name, able in (("mail", settings.mail), ("SMS", settings.sms)):
        if able is not None:
            yield True, f"{name}: set; try it with: flask --app app notify test"
        else:
            yield settings.demo or name == "SMS", f"{name}: not set, so it stays in files"


def _receipts(settings: config.Settings, engine: Engine) -> Iterator[Finding]:
    """What seals receipts, and what waits because nothing does."""
    for town, certificate in settings.certificates.items():
        try:
            left = (certificate.last_day() - today()).days
        except BadCertificate as why:
            yield False, f"receipts of {town}: {certificate.file.name}: {why}"
            continue
        words = f"receipts of {town}: sealed, and {left} days left of {certificate.file.name}"
        more = "; get the next one (docs/operations.md)" if left <= WARNED.days else ""
        yield left > WARNED.days, words + more
    try:
        waits = Counter(one.municipality for one in waiting(engine))
    except DBAPIError:
        return  # said of the database already
    for town in sorted(waits.keys() - settings.certificates.keys()):
        number = f"{waits[town]} receipts of {town} wait for a certificate"
        yield False, f"{number}; MEDSPEL_CERTIFICATES names it (docs/operations.md)"


def _provider(portal: str, provider: Provider) -> Iterator[Finding]:
    """A pushed request shows that it knows us by our key, without anybody signing in."""
    client, name = Client(provider), f"[{provider.key}]"
    callback = f"{portal.rstrip('/')}/sign-in/with/{provider.key}/back"
    try:
        yield from _clocks(client, name)
        client.start(callback, "nn", provider.acr, fresh=False)
        yield True, f"{name} answers as {provider.issuer}"
    except ProviderUnreachable as why:
        yield False, f"{name} is not reached ({why}); is the issuer right, and the way out open?"
    except CodeRefused as why:
        ours = provider.keys[0].kid if provider.keys else "secret"
        ask = f"are client_id, the key {ours} and {callback} registered there?"
        yield False, f"{name} does not take our request ({why}); {ask}"
    for key in provider.keys:
        yield _key(name, key)
    if len(provider.keys) == 1:
        yield True, f"{name} has one key; register the next before it runs out (docs/operations.md)"


def _clocks(client: Client, name: str) -> Iterator[Finding]:
    apart = client.clock_apart()
    if apart is not None and abs(apart) > CLOCKS_APART:
        seconds = int(apart.total_seconds())
        yield False, f"{name} and this machine differ by {seconds} seconds; set the clock (NTP)"


def _key(name: str, key: SigningKey) -> Finding:
    if key.expires is None:
        return True, f"{name} key {key.kid}: no day set in expires, so nobody is warned"
    left = (key.expires - today()).days
    if left <= WARNED.days:
        return False, f"{name} key {key.kid}: {left} days left; make and register a new one first"
    return True, f"{name} key {key.kid}: until {key.expires}"
