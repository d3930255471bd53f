"""For those who run Medspel (helse): is it alive, is it ready, how is it. Nothing of people."""

from __future__ import annotations

from collections.abc import Iterator
from hmac import compare_digest

from flask import abort, current_app, g, request
from flask_appbuilder import expose
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from models.clock import today, utcnow
from services.health import Health, health, is_ready
from views.providers import clients
from views.realm import PublicPage


class HealthPages(PublicPage):
    """Asked by machines. `/healthz` asks the process alone, `/readyz` its database too."""

    route_base = ""

    @expose("/healthz")
    def alive(self) -> Response:
        return _said("alive")

    @expose("/readyz")
    def ready(self) -> Response:
        try:
            if is_ready(_engine()):
                return _said("ready")
        except DBAPIError:
            return _said("the database does not answer", 503)
        return _said("the database waits for: python -m deploy.release", 503)

    @expose("/metrics")
    def metrics(self) -> Response:
        """Prometheus' own format, for whoever has the token; without one in the settings the
        page is not there."""
        token = current_app.config["METRICS_TOKEN"]
        if not token:
            abort(404)
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not compare_digest(given.encode(), token.encode()):
            return _said("the token, please", 401, {"WWW-Authenticate": "Bearer"})
        registry = CollectorRegistry()
        registry.register(_Gauges(health(_engine())))
        registry.register(_Keys())
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Gauges(Collector):
    def __init__(self, state: Health) -> None:
        self.state = state

    def collect(self) -> Iterator[GaugeMetricFamily]:
        state, now = self.state, utcnow()
        for name, words, value in (
            ("outbox_waiting", "Notices and letters that are due and not sent", state.waiting),
            ("outbox_oldest_seconds", "How long the oldest of them has been due", state.oldest),
            ("outbox_given_up", "Letters of seven days that reached nobody", state.given_up),
            ("failed_sign_ins", "In this quarter of an hour and the last", state.failed_sign_ins),
        ):
            yield GaugeMetricFamily(f"medspel_{name}", words, value=value)
        ok = GaugeMetricFamily("medspel_job_ok", "1 when all was well", labels=["job"])
        age = GaugeMetricFamily("medspel_job_age_seconds", "Since it ended", labels=["job"])
        for job in state.jobs:
            ok.add_metric([job.name], float(bool(job.ok)))
            if job.ended_at is not None:
                age.add_metric([job.name], (now - job.ended_at).total_seconds())
        yield from (ok, age)


class _Keys(Collector):
    """By when the keys we sign in with at providers must be replaced."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        words = "Days until a provider forgets this key of ours"
        left = GaugeMetricFamily("medspel_key_days_left", words, labels=["provider", "key"])
        for client in clients().values():
            for key in client.provider.keys:
                if key.expires is not None:
                    days = (key.expires - today()).days
                    left.add_metric([client.provider.key, key.kid], days)
        yield left


def _engine() -> Engine:
    engine: Engine = g.session.get_bind()
    return engine


def _said(words: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(f"{words}\n", status, headers, content_type="text/plain; charset=utf-8")
