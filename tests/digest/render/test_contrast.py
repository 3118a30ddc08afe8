"""Text has enough contrast in the light and the dark colour scheme."""

import re
from itertools import product
from pathlib import Path

import pytest

SHEETS = Path(__file__).parents[3] / "templates" / "shared"

# WCAG 2.1, 1.4.3: the AA minimum for text of normal size.
MIN_CONTRAST = 4.5


def palette(sheet: str) -> dict[str, str]:
    """Return the named colours of a style sheet as "#rrggbb"."""
    text = (SHEETS / sheet).read_text(encoding="utf-8")
    lines = re.findall(r"{% set ([\w, ]+) = ((?:\"#\w{6}\"(?:, )?)+) %}", text)
    return {
        name: colour
        for names, colours in lines
        for name, colour in zip(names.split(", "), re.findall(r"#\w{6}", colours), strict=True)
    }


def luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb" as defined by WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio, from 1 for equal colours to 21 for black on white."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sheet", ["style.css", "adapt.css"], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"), [*product(("ink", "muted", "accent"), ("page", "card", "tint", "warn"))]
)
def test_text_has_enough_contrast(sheet: str, text: str, ground: str) -> None:
    colours = palette(sheet)
    assert contrast(colours[text], colours[ground]) >= MIN_CONTRAST
