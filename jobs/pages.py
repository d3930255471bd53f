"""Templates of what the worker makes files of (sider)."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader

PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
)
