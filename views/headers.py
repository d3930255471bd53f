"""What every answer says to the browser (hovud): nothing from elsewhere, nothing kept."""

from __future__ import annotations

from flask import g, request
from werkzeug.wrappers import Response

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'"
)


def add(response: Response) -> Response:
    """OWASP ASVS 3.4 and 14.3.2: a strict policy, and pages that are not stored. What has a
    fingerprint in its address says so with `g.is_kept`; a page that is meant for others' frames
    or sends a form to others, with their origins in `g.framed_by` and `g.sends_to`; the page
    one signs out with, with `g.leaves`; a file that is to be saved, with `g.is_file`."""
    headers = response.headers
    frames = " ".join(g.get("framed_by", ["'none'"]))
    forms = " ".join(["'self'", *g.get("sends_to", ())])
    headers["Content-Security-Policy"] = f"{CSP}; form-action {forms}; frame-ancestors {frames}"
    if g.get("is_file"):
        headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if g.get("leaves"):  # nothing of a plan stays behind in a browser that others use
        headers["Clear-Site-Data"] = '"cache", "storage"'
    if request.endpoint == "static" or g.get("is_kept"):
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        headers["Cache-Control"] = "no-store"
    return response
