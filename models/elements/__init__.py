"""Plan elements (planelement): importing this package imports every module in it."""

from importlib import import_module
from pkgutil import iter_modules

from models.elements._declare import (
    Element,
    PlanElement,
    changing,
    declared,
    element,
    elements,
    encrypted,
    field,
    helps,
)
from models.elements._related import Readers, Related, member, related

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "Element",
    "PlanElement",
    "Readers",
    "Related",
    "changing",
    "declared",
    "element",
    "elements",
    "encrypted",
    "field",
    "helps",
    "member",
    "related",
]
