"""FAB's builder without FAB's own pages (byggjar): ours are the only routes there are."""

from __future__ import annotations

from flask_appbuilder import AppBuilder


class Builder(AppBuilder):
    """No FAB assets, no FAB login, no OpenAPI: those routes do not exist."""

    def _add_global_static(self) -> None:
        """Bootstrap, jQuery and select2 stay where they are."""

    def _add_admin_views(self) -> None:
        """Start page, language and sign-in are registered with everything else of ours."""

    def _add_addon_views(self) -> None:
        """None."""

    def _add_menu_permissions(self, update_perms: bool = False) -> None:
        """The menu is made from the pages a role may open (views.navigation)."""
