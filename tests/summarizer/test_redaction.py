"""A key is recognised however a server repeats it, and what is no key is left alone."""

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
    "as it is": str,
    "in capitals": str.upper,
    "percent-encoded": lambda key: quote(key, safe=""),
    "as a form": quote_plus,
    "every letter percent-encoded": _percent,
    "twice": lambda key: quote(quote(key, safe=""), safe=""),
    "half of it": lambda key: key[:9] + _percent(key[9:]),
    "JSON": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "JSON in JSON": lambda key: json.dumps(json.dumps({"said": key})),
    "every letter escaped": _escaped,
    "HTML": html.escape,
    "a Python literal": lambda key: repr(key.encode()),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of a header": lambda key: base64.b64encode(f"x Bearer {key}".encode()).decode(),
    "base64 of a login": lambda key: base64.b64encode(f"\0ann\0{key}\0".encode()).decode(),
    "hexadecimal": lambda key: key.encode().hex(":"),
    "folded": "\r\n ".join,
    "cut": lambda key: key[:24] + "...",
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("key", [KEY, PLAIN])
def test_a_key_is_recognised_in_every_encoding(key: str, encode: "object") -> None:
    assert callable(encode)
    said = f'{{"error": "Incorrect key: Bearer {encode(key)}."}}'
    assert Secret(key).is_in(said)
    assert Secret(key).is_in(said.encode())


@pytest.mark.parametrize("key", [KEY, PLAIN, "hf_invented", "none", "", "-", "s3cret"])
def test_what_others_say_is_no_key(key: str) -> None:
    said = "The server has invented 0123 papers; a key begins with sk-proj-, see /v1/keys%20here."
    assert not Secret(key).is_in(said)


def test_a_short_key_is_recognised_whole() -> None:
    assert Secret("s3cret").is_in("no such user ann:s3cret")
    assert Secret("none").is_in("the key none is wrong")


def test_a_secret_does_not_show_itself() -> None:
    assert KEY not in repr(Secret(KEY))
