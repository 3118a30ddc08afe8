"""Every text of the pages can be read in the light and in the dark scheme."""

import re
from itertools import product
from pathlib import Path

import pytest

SHEETS = Path(__file__).parents[2] / "templates" / "shared"

# WCAG 2.1, 1.4.3: what AA asks of text of a usual size.
ENOUGH = 4.5


def palette(sheet: str) -> dict[str, str]:
    """The colours that a sheet names, as "#rrggbb"."""
    text = (SHEETS / sheet).read_text(encoding="utf-8")
    lines = re.findall(r"{% set ([\w, ]+) = ((?:\"#\w{6}\"(?:, )?)+) %}", text)
    return {
        name: colour
        for names, colours in lines
        for name, colour in zip(names.split(", "), re.findall(r"#\w{6}", colours), strict=True)
    }


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb" as WCAG 2.1 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """From 1 for the same colour to 21 for black on white."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sheet", ["style.css", "adapt.css"], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"), [*product(("ink", "muted", "accent"), ("page", "card", "tint", "warn"))]
)
def test_text_stands_out_from_what_it_is_on(sheet: str, text: str, ground: str) -> None:
    colours = palette(sheet)
    assert contrast(colours[text], colours[ground]) >= ENOUGH
