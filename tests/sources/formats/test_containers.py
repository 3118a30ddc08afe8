"""The snapshot in the containers that people download it in, damaged ones, and bombs."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.store.records import line
from tracker.errors import SourceMalformed
from tracker.models import Paper, RejectedLine
from tracker.sources.arxiv_snapshot import read_papers
from tracker.sources.formats import containers

LINES = [line(f"2603.{n:05}") for n in range(1, 301)]
CONTENT = b"".join(LINES)
NAME = "arxiv-metadata-oai-snapshot.json"


def zipped(content: bytes, name: str = NAME, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive with some other members too."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("README.md", "about")
        archive.writestr(f"__MACOSX/._{name}", "resource")
        archive.writestr("small.json", "{}")
        archive.writestr(f"data/{name}", content)
    return file.getvalue()


def tarred(content: bytes, name: str = NAME, mode: str = "w:gz") -> bytes:
    """Return an archive with a folder and another member first."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for member, body in (("data/README", b"about"), (f"data/{name}", content)):
            info = tarfile.TarInfo(member)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return file.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda content: bytes(pa.compress(content, "zstd", asbytes=True)),
    "zip": zipped,
    "stored zip": lambda content: zipped(content, method=zipfile.ZIP_STORED),
    "gz in zip": lambda content: zipped(gzip.compress(content), f"{NAME}.gz"),
    "tar": lambda content: tarred(content, mode="w:"),
    "tar.gz": tarred,
    "tar.bz2": lambda content: tarred(content, mode="w:bz2"),
    "tar.xz": lambda content: tarred(content, mode="w:xz"),
}


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("form", ["lines", "list"])
def test_a_snapshot_in_any_container_is_read_completely(
    kind: str, form: str, tmp_path: Path
) -> None:
    papers = [json.loads(one) for one in LINES]
    content = CONTENT if form == "lines" else json.dumps(papers, indent=1).encode()
    path = tmp_path / "download"  # the name says nothing
    path.write_bytes(PACKED[kind](content))
    found = list(read_papers(path))
    assert [one.id for one in found if isinstance(one, Paper)] == [paper["id"] for paper in papers]
    assert len(found) == len(papers)


@pytest.mark.parametrize("kind", [kind for kind in PACKED if kind not in ("plain", "stored zip")])
def test_a_truncated_container_is_an_error_after_its_papers(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "download"
    packed = PACKED[kind](CONTENT)
    path.write_bytes(packed[: len(packed) * 2 // 3])
    with pytest.raises(SourceMalformed, match=r"damaged|cut off|cannot be read"):
        list(read_papers(path))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (zipped(b"x", "notes.txt").replace(b"small.json", b"small.xlsx"), "no file with JSON"),
        (tarred(b"x", "notes.txt"), "no file with JSON"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "it is a 7-Zip archive; unpack it first"),
        (b"Rar!\x1a\x07" + bytes(40), "it is a RAR archive; unpack it first"),
        (gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"{}")))), "within 3 others"),
    ],
    ids=["zip", "tar", "7z", "rar", "four gzip"],
)
def test_other_archives_are_refused_in_words(body: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "download"
    path.write_bytes(body)
    with pytest.raises(SourceMalformed, match=reason):
        list(read_papers(path))


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst", "zip", "tar.gz", "gz in zip"])
def test_a_bomb_is_refused(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_HARMLESS_BYTES", 2**20)
    path = tmp_path / "download"
    path.write_bytes(PACKED[kind](bytes(32 * 2**20)))
    with pytest.raises(SourceMalformed, match="unpacks to more than 200 times its size"):
        list(read_papers(path))


def test_a_broken_entry_of_a_list_does_not_lose_the_others(tmp_path: Path) -> None:
    texts = [one.decode().strip() for one in LINES[:5]]
    texts[1] = texts[1].replace('"title":', '"title" ')
    texts[3] = "7"
    path = tmp_path / "list.json"
    path.write_text("[\n" + ",\n".join(texts) + "\n]\n")
    found = list(read_papers(path))
    assert [type(one) for one in found] == [Paper, RejectedLine, Paper, RejectedLine, Paper]


def test_a_list_that_is_cut_off_is_an_error_after_its_papers(tmp_path: Path) -> None:
    texts = ",".join(one.decode() for one in LINES[:5])
    path = tmp_path / "list.json"
    path.write_text(f"[{texts}"[:-300])
    found = []
    with pytest.raises(SourceMalformed, match=r"it is not JSON|cut off"):
        found.extend(read_papers(path))
    path.write_text(f"[{texts}")
    with pytest.raises(SourceMalformed, match="the list is cut off"):
        list(read_papers(path))


@pytest.mark.parametrize("body", [b"[]", b" [ ] \n", b""])
def test_an_empty_list_has_no_papers(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(body)
    assert list(read_papers(path)) == []
