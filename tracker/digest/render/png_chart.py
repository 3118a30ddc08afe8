"""A bar chart as a small PNG, for mail clients that do not draw styled boxes.

One bit per pixel and a palette of two: transparent, and a blue that is visible on light and dark
backgrounds. The data is stored without compression so that the bytes are the same on every machine
(builds of zlib differ). The chart has no labels; the table next to it has the numbers.

Public: `daily_counts_png`, `bar_chart_png`.
"""

import struct
import zlib
from collections.abc import Sequence

from tracker.digest.document import PeriodCounts

WIDTH, HEIGHT = 536, 48
_BLUE = bytes((0x5B, 0x8D, 0xC9))
_GAP = 0.25


def daily_counts_png(counts: PeriodCounts) -> bytes:
    """Return a chart of the papers on each day of a period."""
    return bar_chart_png([day.papers for day in counts.days])


def bar_chart_png(values: Sequence[int]) -> bytes:
    """Return a chart of vertical bars; the largest value has the full height."""
    most = max(values, default=0)
    heights = [-(-HEIGHT * value // most) if most else 0 for value in values]
    rows = [_pixel_row(heights, HEIGHT - y) for y in range(HEIGHT)]
    return _encode_png(b"".join(b"\0" + row for row in rows))


def _pixel_row(heights: Sequence[int], level: int) -> bytes:
    """Return the row of pixels at height `level`, one bit per pixel."""
    slot = WIDTH / max(1, len(heights))
    bits = 0
    for place, height in enumerate(heights):
        if height >= level:
            left, right = round(slot * (place + _GAP / 2)), round(slot * (place + 1 - _GAP / 2))
            bits |= ((1 << (right - left)) - 1) << (WIDTH - right)
    return bits.to_bytes(WIDTH // 8, "big")


def _encode_png(rows: bytes) -> bytes:
    """Return a PNG of rows of filter type 0. Source: www.w3.org/TR/png-3, 11.2 and 11.3.1."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 1, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header), (b"PLTE", bytes(3) + _BLUE), (b"tRNS", b"\0\xff"),
        (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""),
    )  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, data) for name, data in chunks)


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
