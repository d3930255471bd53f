"""The accessibility statement (tilgjengelegheitserklæring): what is tested, what fails, complaints.

Forskrift om universell utforming av IKT-løysingar § 4 b: easy to find, on every page.
"""

from __future__ import annotations

from flask_appbuilder import expose
from flask_babel import gettext

from views.realm import PublicPage


class Accessibility(PublicPage):
    route_base = "/accessibility"

    @expose("/")
    def page(self) -> str:
        title = gettext("Accessibility statement")
        return str(self.render_template("accessibility.html", title=title))
