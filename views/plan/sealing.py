"""Whether receipts are sealed here (segling)."""

from __future__ import annotations

from flask import current_app, g


def can_seal() -> bool:
    """Whether the municipality has a certificate, so that receipts are made."""
    certificate = current_app.config["CERTIFICATES"].get(g.actor.municipality)
    return certificate is not None and certificate.is_there
