"""A bar chart as a small PNG, for mail programs that draw no styled boxes; written by hand.

One bit a pixel and a palette of two: transparent, and a blue that stands out on light and on dark.
The rows are stored, not compressed, so that every machine makes the same bytes; letters are left to
the table beside it.
"""

import struct
import zlib
from collections.abc import Sequence

from tracker.digest.document import Counts

WIDTH, HEIGHT = 536, 48
_BLUE = bytes((0x5B, 0x8D, 0xC9))
_GAP = 0.25


def days(counts: Counts) -> bytes:
    """The papers of each day of a period, from the first to the last."""
    return bars([day.papers for day in counts.days])


def bars(values: Sequence[int]) -> bytes:
    """Upright bars from left to right, the tallest as high as the picture."""
    most = max(values, default=0)
    heights = [-(-HEIGHT * value // most) if most else 0 for value in values]
    rows = [_row(heights, HEIGHT - y) for y in range(HEIGHT)]
    return _png(b"".join(b"\0" + row for row in rows))


def _row(heights: Sequence[int], level: int) -> bytes:
    """The row of pixels at `level` above the ground, a bit each."""
    slot = WIDTH / max(1, len(heights))
    bits = 0
    for place, height in enumerate(heights):
        if height >= level:
            left, right = round(slot * (place + _GAP / 2)), round(slot * (place + 1 - _GAP / 2))
            bits |= ((1 << (right - left)) - 1) << (WIDTH - right)
    return bits.to_bytes(WIDTH // 8, "big")


def _png(rows: bytes) -> bytes:
    """The PNG of rows of filter type 0. Source: www.w3.org/TR/png-3, 11.2 and 11.3.1."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 1, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header), (b"PLTE", bytes(3) + _BLUE), (b"tRNS", b"\0\xff"),
        (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""),
    )  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
