"""A key is found in every encoding that a server may use; other text is not mistaken for it."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from summarizer.redaction import Secret

KEY = "sk-Ab+9/x=Zq&7<é>t_uvWXYZ0123456789"
PLAIN = "sk-proj-0123456789abcdefGHIJ"


def _percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


ENCODINGS = {
    "unchanged": str,
    "upper case": str.upper,
    "percent-encoded": lambda key: quote(key, safe=""),
    "form-encoded": quote_plus,
    "every byte percent-encoded": _percent,
    "percent-encoded twice": lambda key: quote(quote(key, safe=""), safe=""),
    "half percent-encoded": lambda key: key[:9] + _percent(key[9:]),
    "JSON": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "JSON in JSON": lambda key: json.dumps(json.dumps({"error": key})),
    "every letter escaped": _escaped,
    "HTML": html.escape,
    "a Python literal": lambda key: repr(key.encode()),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of a header": lambda key: base64.b64encode(f"x Bearer {key}".encode()).decode(),
    "base64 of a login": lambda key: base64.b64encode(f"\0ann\0{key}\0".encode()).decode(),
    "hexadecimal": lambda key: key.encode().hex(":"),
    "folded": "\r\n ".join,
    "truncated": lambda key: key[:24] + "...",
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("key", [KEY, PLAIN])
def test_a_key_is_recognised_in_every_encoding(key: str, encode: "object") -> None:
    assert callable(encode)
    text = f'{{"error": "Incorrect key: Bearer {encode(key)}."}}'
    assert Secret(key).is_in(text)
    assert Secret(key).is_in(text.encode())


@pytest.mark.parametrize("key", [KEY, PLAIN, "hf_invented", "none", "", "-", "s3cret"])
def test_other_text_is_not_mistaken_for_a_key(key: str) -> None:
    text = "The server has invented 0123 papers; a key begins with sk-proj-, see /v1/keys%20here."
    assert not Secret(key).is_in(text)


def test_a_short_key_is_recognised_as_a_whole() -> None:
    assert Secret("s3cret").is_in("no such user ann:s3cret")
    assert Secret("none").is_in("the key none is wrong")


def test_the_repr_of_a_secret_hides_its_value() -> None:
    assert KEY not in repr(Secret(KEY))
