"""Parsing the body of a POST, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.web.form_parser import parse_form

URLENCODED = "application/x-www-form-urlencoded"


def parts(*pairs: tuple[str, str]) -> bytes:
    return (
        b"".join(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in pairs
        )
        + b"--x--\r\n"
    )


def test_both_encodings_are_parsed_alike() -> None:
    fields = {"follow": "專家 & “moe”", "state": ""}
    assert parse_form("multipart/form-data; boundary=x", parts(*fields.items())) == fields
    body = "follow=%E5%B0%88%E5%AE%B6+%26+%E2%80%9Cmoe%E2%80%9D&state="
    assert parse_form(f"{URLENCODED}; charset=utf-8", body.encode()) == fields


_HEADERS = [
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "multipart/form-data; boundary",
    "Multipart/Form-Data; boundary*0=x; boundary*1=y",
    URLENCODED,
    "text/plain",
    "",
]
_PIECES = [
    b"--x",
    b"--x--",
    b"\r\n",
    b"\n",
    b"Content-Disposition: form-data; name=",
    b'"',
    b"(" * 900,
    b"Content-Type: multipart/mixed; boundary=x",
    b"Content-Type: message/rfc822",
    b"=?utf-8?q?",
    b"Content-Transfer-Encoding: base64",
    b"%ff",
    b"&",
    b";",
    b"Content-Transfer-Encoding: uuencode",
    b"name*0*=utf-8''%ff",
    b"\x00",
    b"\xff",
]


@pytest.mark.filterwarnings("ignore")
@given(
    st.sampled_from(_HEADERS) | st.text(),
    st.lists(st.sampled_from(_PIECES) | st.binary(max_size=20), max_size=60),
)
def test_any_body_is_a_form_or_none(content_type: str, pieces: list[bytes]) -> None:
    assert isinstance(parse_form(content_type, b"".join(pieces)), dict)
