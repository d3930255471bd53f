"""Composition root (samansetjing): the only module that knows every layer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_appbuilder.models.sqla.base import SQLA
from flask_babel import get_locale
from flask_compress import Compress
from flask_sqlalchemy.session import Session as FlaskSession
from flask_wtf import CSRFProtect

import config
import views.drafts
import views.edge
import views.errors
from integrations.openid.client import Client
from jobs.carriers import carriers
from jobs.consent import consent
from jobs.doctor import doctor
from jobs.notify import notify
from models.contact import telephone
from models.database import prepare
from models.language import LANGUAGES, direction
from security import crypto, logs
from security.manager import MembershipRoles
from security.session import GuardedSession
from security.sessions import DatabaseSessions
from views import assets, help, language, navigation, notice_pages, pages, uploads, words
from views.account import look
from views.builder import Builder
from views.finished import is_late
from views.pictures import mark, picture
from views.providers import limited_to
from views.realm import learn

ROOT = Path(__file__).parent


class RequestSession(GuardedSession, FlaskSession):
    """The guarded session, bound to Flask's engines; one per application context."""


def create_app(settings: config.Settings | None = None) -> Flask:
    """The application. Settings come from the environment when none are handed in.

    Raises: config.MissingSettings; security.manager.OutdatedRoles when the database has
    not been through the release command.
    """
    settings = settings or config.from_environment()
    crypto.install(settings.keys)
    if settings.log_as_json:
        logs.install()
    app = Flask(
        __name__,
        template_folder="views/templates",
        static_folder=assets.FOLDER,
        static_url_path=f"/static/{assets.fingerprint()}",
    )
    app.config.update(_flask_settings(settings))
    db = SQLA(session_options={"class_": RequestSession})
    with app.app_context():
        db.init_app(app)
        prepare(db.engine)
        app.session_interface = DatabaseSessions(
            db.engine,
            idle=timedelta(minutes=settings.idle_minutes),
            longest=timedelta(minutes=settings.longest_minutes),
            secure=settings.secure_cookies,
            has_eid=lambda: has_eid(app),
        )
        builder = Builder(app, db.session, security_manager_class=MembershipRoles)
        builder.sm.load(db.engine)
        csrf = CSRFProtect(app)  # after AppBuilder, or FAB's own API is exempted
        pages.register(builder, settings.debug, settings.demo)
        csrf.exempt("views.account.sign_out.back_channel")  # a machine, and signed
        learn(builder, app)
    Compress(app)
    app.extensions["openid"] = {one.key: Client(one) for one in settings.providers}
    app.extensions["babel"].locale_selector = language.chosen
    views.edge.register(app, db)
    uploads.register(app)
    views.drafts.register(app)
    views.errors.register(app)
    app.cli.add_command(notify)
    app.cli.add_command(doctor)
    app.cli.add_command(consent)
    _dress(app, settings)
    return app


def has_eid(app: Flask) -> bool:
    """Whether citizens can sign in with an electronic ID."""
    clients: dict[str, Client] = app.extensions.get("openid", {})
    return any(one.provider.audience == "citizens" for one in clients.values())


def _flask_settings(settings: config.Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "query_cache_size": 1500},
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_ADD_SECURITY_VIEWS": False,
        "FAB_ADD_SECURITY_API": False,
        "FAB_SAFE_REDIRECT_HOSTS": settings.hosts,
        "TRUSTED_HOSTS": settings.hosts or None,
        "BABEL_DEFAULT_LOCALE": language.DEFAULT,
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "LANGUAGES": {str(one): {"name": one.own_name} for one in LANGUAGES},
        "SYNTHETIC_PEOPLE": settings.demo,
        "PORTAL": settings.portal,
        "CERTIFICATES": settings.certificates,
        "METRICS_TOKEN": settings.metrics_token,
        "CHANNELS": frozenset(carriers(settings)),
        "OUTBOX_FOLDER": settings.outbox_folder,
        "COMPRESS_MIMETYPES": assets.COMPRESSED,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 512 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session it is bound to
    }


def _dress(app: Flask, settings: config.Settings) -> None:
    app.add_template_filter(words.shown)
    app.add_template_filter(words.last_day)
    for one in (words.span, words.in_words, words.month, words.day, telephone, mark, picture):
        app.add_template_filter(one)
    app.add_template_filter(words.role_of, "role")
    app.add_template_filter(direction)
    app.add_template_filter(is_late)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # a page is sent, not read
    app.jinja_env.globals.update(
        asset=assets.address,
        places=navigation.places,
        top=navigation.top,
        help_address=help.help_address,
        get_locale=get_locale,
        scheme=look.scheme,
        has_news=notice_pages.has_news,
        limited_to=limited_to,
        languages={one: one.own_name for one in LANGUAGES},
        is_demo=settings.demo,
    )
