"""Where one is and where one can go (navigasjon): five places in a plan, a few outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import current_app, g, request, url_for
from flask_babel import gettext

from models.elements import PlanElement, elements
from models.i18n import N_
from models.vocabulary import Scope
from views.realm import PAGES


@dataclass(slots=True)
class Entry:
    """A link. `current` is "page" on the very page, "true" on its place, else empty."""

    label: str
    url: str
    icon: str = ""
    current: str = ""
    children: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """One of the five places: msgid, icon, pages made by hand, scopes of its elements."""

    label: str
    icon: str
    pages: tuple[tuple[str, str], ...] = ()
    scopes: frozenset[Scope] = frozenset()


PLACES = (
    Place(N_("Now"), "House", (("Overview.page", N_("Now")), ("Timeline.page", N_("Timeline")))),
    Place(N_("Meeting"), "Calendar", scopes=frozenset({Scope.MEETINGS})),
    Place(N_("Messages"), "Chat", scopes=frozenset({Scope.MESSAGES})),
    Place(N_("The plan"), "Mountain", scopes=frozenset(Scope) - {Scope.MEETINGS, Scope.MESSAGES}),
    Place(
        N_("People and consent"),
        "HandShakeHeart",
        (
            ("Team.page", N_("Participants")),
            ("ConsentPage.page", N_("Consent")),
            ("SeeAs.page", N_("See the plan as …")),
            ("AccessLog.page", N_("Who has seen the plan")),
        ),
    ),
)
SETTINGS = frozenset(
    f"{one}View"
    for one in (
        "Department", "ServiceType", "LifeAreaName", "PlanTypeName", "EvaluationQuestion",
        "DeadlineRule", "CaseRule", "ConsentText", "UserAgreement", "HelpText", "NoticeText",
        "LetterText", "MessageTemplate",
    )
)  # fmt: skip
"""Registers that are set once and seldom changed: one place in the menu for all of them."""
OWNERS_ONLY = frozenset({"AccessLog.page", "SeeAs.page"})
NOT_FOR_PARTICIPANTS = frozenset({"ConsentPage.page"})


def places() -> list[Entry]:
    """The five places of the plan at hand, those the actor may open; none outside a plan."""
    if g.get("plan") is None:
        return []
    return [entry for entry in map(_place, PLACES) if entry.url]


def _place(place: Place) -> Entry:
    children = [*_by_hand(place), *_elements(place)]
    here = any(child.current for child in children)
    first = children[0].url if children else ""
    only = children[0].current if len(children) == 1 else ""
    entry = Entry(gettext(place.label), first, place.icon, only or ("true" if here else ""))
    entry.children = children if len(children) > 1 else []
    return entry


def _by_hand(place: Place) -> Iterator[Entry]:
    for endpoint, label in place.pages:
        shut = endpoint in OWNERS_ONLY and not g.access.owners_side
        shell = g.access.owners_side or g.access.coordinator
        if endpoint not in current_app.view_functions or shut:
            continue
        if endpoint in NOT_FOR_PARTICIPANTS and not shell:
            continue
        inside = "true" if _at() == endpoint.partition(".")[0] else ""
        here = "page" if request.endpoint == endpoint else inside
        yield Entry(gettext(label), url_for(endpoint, plan_id=g.plan.id), current=here)


def _elements(place: Place) -> Iterator[Entry]:
    for cls in elements():
        declared = cls.element
        opened = g.access.level(declared.scope) or _has_own_rows(declared.scope)
        listed = declared.home or "list" in declared.pages
        if not (declared.menu and listed and declared.scope in place.scopes):
            continue
        if g.plan.type not in declared.types or not opened:
            continue
        page = declared.home or f"{cls.__name__}View.list"
        current = "page" if request.endpoint == page else _inside(cls)
        url = url_for(page, plan_id=g.plan.id)
        yield Entry(gettext(declared.plural), url, current=current)


def _inside(cls: type[PlanElement]) -> str:
    """On another page of the element, generated or made by hand, or of one that hangs below."""
    hanging = [
        below
        for below in elements()
        if not below.element.menu and any(r.target is cls for r in below.relations.values())
    ]
    made = (cls.element.room, cls.element.home, cls.element.start)
    views = {f"{one.__name__}View" for one in (cls, *hanging)}
    views |= {page.partition(".")[0] for page in made if page}
    return "true" if _at() in views or _about() == cls.element.key else ""


def _about() -> str:
    """The element a page made by hand says that it is about."""
    page = PAGES.get(request.endpoint or "")
    return page.of if page else ""


def _at() -> str:
    """The view one is in, whatever its page."""
    return (request.endpoint or "").partition(".")[0]


def _has_own_rows(scope: Scope) -> bool:
    """A coordinator prepares a draft, and writes to the owner's side, without any grant."""
    draft = g.plan.status is g.plan.status.DRAFT
    return bool(g.access.coordinator and (draft or scope is Scope.MESSAGES))


def top() -> list[Entry]:
    """Outside a plan: the start page and the registers one's roles open."""
    if g.get("actor") is None:
        return []
    here = "page" if request.endpoint == "Start.page" else ""
    entries = [Entry(gettext("My page"), url_for("Start.page"), "House", here)]
    if current_app.appbuilder.sm.has_access("can_read", "Registration"):  # type: ignore[attr-defined]
        here = "page" if (request.endpoint or "").startswith("Registration.") else ""
        entries.append(Entry(gettext("My persons"), url_for("Registration.page"), "Face", here))
    if current_app.appbuilder.sm.has_access("can_list", "PlanRegister"):  # type: ignore[attr-defined]
        here = "page" if request.endpoint == "PlanRegisterView.list" else ""
        url = url_for("PlanRegisterView.list")
        entries.append(Entry(gettext("Plan register"), url, "Tasklist", here))
    registers = list(_registers())
    entries += [entry for name, entry in registers if name not in SETTINGS]
    if any(name in SETTINGS for name, _ in registers):
        here = "page" if request.endpoint == "Settings.list" else ""
        here = here or ("true" if _at() in SETTINGS else "")
        url = url_for("Settings.list")
        entries.append(Entry(gettext("Texts and settings"), url, "PencilLine", here))
    return entries


def settings() -> list[Entry]:
    """The registers that say how Medspel is here, those one's roles open."""
    return [entry for name, entry in _registers() if name in SETTINGS]


def _registers() -> Iterator[tuple[str, Entry]]:
    """(view, link) of each register one's roles open."""
    builder = current_app.appbuilder  # type: ignore[attr-defined]
    for view in builder.baseviews:
        label, name = getattr(view, "menu_label", None), type(view).__name__
        if label is not None and builder.sm.has_access("can_list", view.class_permission_name):
            inside = _at() in (name, *getattr(view, "inside", ()))
            icon = getattr(view, "menu_icon", "Files")
            yield name, Entry(str(label), url_for(f"{name}.list"), icon, "page" if inside else "")
