"""Papers as citations: BibTeX, RIS and CSL-JSON. Pure functions from records to text."""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from summarizer.text.sentences import to_plain_text
from tracker.models import Paper

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def bibtex(papers: Sequence[Paper]) -> str:
    """One @misc entry per paper, in the form that arXiv recommends.

    See info.arxiv.org/help/hypertex/bibstyles.
    """
    key_counts: dict[str, int] = {}
    return "\n".join(
        _bibtex_entry(paper, _unique_key(_citation_key(paper), key_counts)) for paper in papers
    )


def _bibtex_entry(paper: Paper, key: str) -> str:
    fields = {
        "title": f"{{{_escape_tex(to_plain_text(paper.title))}}}",
        "author": " and ".join(
            _bibtex_author(_escape_tex(to_plain_text(name))) for name in paper.authors
        ),
        "year": str(paper.published.year),
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": paper.categories[0] if paper.categories else "",
        "doi": _escape_tex(paper.doi),
        "url": paper.url,
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _escape_tex(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in " ".join(text.split()))


def _bibtex_author(name: str) -> str:
    """Protect the name of a group, such as "the Qwen and Baichuan teams", from being split."""
    return f"{{{name}}}" if " and " in name else name


def _citation_key(paper: Paper) -> str:
    author = to_plain_text(paper.authors[0]).split()[-1] if paper.authors else "anonymous"
    word = next((w for w in re.findall(r"[A-Za-z]+", to_plain_text(paper.title)) if len(w) > 3), "")
    return _to_ascii(f"{author}{paper.published.year}{word}").lower() or "paper"


def _to_ascii(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]", "", ascii_text)


def _unique_key(key: str, key_counts: dict[str, int]) -> str:
    key_counts[key] = key_counts.get(key, 0) + 1
    return key if key_counts[key] == 1 else f"{key}-{key_counts[key]}"


def ris(papers: Sequence[Paper]) -> str:
    """One record per paper; RIS has no type for preprints, so it is GEN."""
    return "".join(_ris_record(paper) for paper in papers)


def _ris_record(paper: Paper) -> str:
    fields = [
        ("TY", "GEN"),
        ("TI", to_plain_text(paper.title)),
        *(("AU", _family_name_first(to_plain_text(name))) for name in paper.authors),
        ("PY", f"{paper.published:%Y}"),
        ("DA", f"{paper.published:%Y/%m/%d}"),
        ("AB", to_plain_text(paper.abstract)),
        ("PB", "arXiv"),
        ("AN", f"arXiv:{paper.id}"),
        ("DO", paper.doi),
        ("UR", paper.url),
        ("ER", ""),
    ]
    lines = ((tag, " ".join(text.split())) for tag, text in fields if text or tag == "ER")
    return "".join(f"{tag}  - {text}\r\n" for tag, text in lines) + "\r\n"


def _family_name_first(name: str) -> str:
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}" if given else family


def csl(papers: Sequence[Paper]) -> str:
    """A CSL-JSON list for Zotero and pandoc."""
    return json.dumps([_csl_item(paper) for paper in papers], ensure_ascii=False, indent=1) + "\n"


def _csl_item(paper: Paper) -> dict[str, Any]:
    day = paper.published
    item = {
        "id": f"arXiv:{paper.id}",
        "type": "article",
        "title": to_plain_text(paper.title),
        "author": [_csl_name(to_plain_text(name)) for name in paper.authors],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "publisher": "arXiv",
        "number": f"arXiv:{paper.id}",
        "abstract": to_plain_text(paper.abstract),
        "DOI": paper.doi,
        "URL": paper.url,
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(name: str) -> dict[str, str]:
    given, _, family = name.rpartition(" ")
    return {"family": family, "given": given} if given else {"literal": name}
