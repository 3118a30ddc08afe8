"""Papers as other programs cite them: BibTeX, RIS and CSL-JSON. Pure: records in, text out."""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from summarizer.text import plain
from tracker.models import Paper

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def bibtex(papers: Sequence[Paper]) -> str:
    """One @misc entry each, in arXiv's own form (info.arxiv.org/help/hypertex/bibstyles)."""
    taken: dict[str, int] = {}
    return "\n".join(_entry(paper, _unique(_key(paper), taken)) for paper in papers)


def _entry(paper: Paper, key: str) -> str:
    fields = {
        "title": f"{{{_tex(plain(paper.title))}}}",
        "author": " and ".join(_bibtex_name(_tex(plain(name))) for name in paper.authors),
        "year": str(paper.published.year),
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": paper.categories[0] if paper.categories else "",
        "doi": _tex(paper.doi),
        "url": paper.url,
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _tex(text: str) -> str:
    return "".join(_SPECIAL.get(sign, sign) for sign in " ".join(text.split()))


def _bibtex_name(name: str) -> str:
    """A group such as "the Qwen and Baichuan teams" must not be split at its "and"."""
    return f"{{{name}}}" if " and " in name else name


def _key(paper: Paper) -> str:
    author = plain(paper.authors[0]).split()[-1] if paper.authors else "anonymous"
    word = next((w for w in re.findall(r"[A-Za-z]+", plain(paper.title)) if len(w) > 3), "")
    return _ascii(f"{author}{paper.published.year}{word}").lower() or "paper"


def _ascii(text: str) -> str:
    kept = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]", "", kept)


def _unique(key: str, taken: dict[str, int]) -> str:
    taken[key] = taken.get(key, 0) + 1
    return key if taken[key] == 1 else f"{key}-{taken[key]}"


def ris(papers: Sequence[Paper]) -> str:
    """One record each; a preprint is of type GEN in RIS, which has no other."""
    return "".join(_record(paper) for paper in papers)


def _record(paper: Paper) -> str:
    fields = [
        ("TY", "GEN"),
        ("TI", plain(paper.title)),
        *(("AU", _reversed(plain(name))) for name in paper.authors),
        ("PY", f"{paper.published:%Y}"),
        ("DA", f"{paper.published:%Y/%m/%d}"),
        ("AB", plain(paper.abstract)),
        ("PB", "arXiv"),
        ("AN", f"arXiv:{paper.id}"),
        ("DO", paper.doi),
        ("UR", paper.url),
        ("ER", ""),
    ]
    told = ((tag, " ".join(text.split())) for tag, text in fields if text or tag == "ER")
    return "".join(f"{tag}  - {text}\r\n" for tag, text in told) + "\r\n"


def _reversed(name: str) -> str:
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}" if given else family


def csl(papers: Sequence[Paper]) -> str:
    """A CSL-JSON list, as Zotero and pandoc read it."""
    return json.dumps([_item(paper) for paper in papers], ensure_ascii=False, indent=1) + "\n"


def _item(paper: Paper) -> dict[str, Any]:
    day = paper.published
    item = {
        "id": f"arXiv:{paper.id}",
        "type": "article",
        "title": plain(paper.title),
        "author": [_person(plain(name)) for name in paper.authors],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "publisher": "arXiv",
        "number": f"arXiv:{paper.id}",
        "abstract": plain(paper.abstract),
        "DOI": paper.doi,
        "URL": paper.url,
    }
    return {name: value for name, value in item.items() if value}


def _person(name: str) -> dict[str, str]:
    given, _, family = name.rpartition(" ")
    return {"family": family, "given": given} if given else {"literal": name}
