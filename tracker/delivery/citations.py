"""Papers as citations: BibTeX, RIS and CSL-JSON. Pure functions from records to text."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from summarizer.text.sentences import to_plain_text
from tracker.models import Paper
from tracker.paper.person_names import PersonName, is_nobody, parse_name

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
# Letters that Unicode does not decompose into an ASCII letter and an accent.
_LATIN = str.maketrans({
    "\u00df": "ss", "\u00e6": "ae", "\u00c6": "AE", "\u0153": "oe", "\u0152": "OE", "\u00f8": "o",
    "\u00d8": "O", "\u0142": "l", "\u0141": "L", "\u0111": "d", "\u0110": "D", "\u00f0": "d",
    "\u00d0": "D", "\u00fe": "th", "\u00de": "Th", "\u0131": "i", "\u0127": "h", "\u0126": "H",
})  # fmt: skip


def bibtex(papers: Sequence[Paper], notes: Mapping[str, str] | None = None) -> str:
    """One @misc entry per paper, in the form that arXiv recommends.

    `notes` are the user's, by id; Zotero attaches an `annote` to the item. See
    info.arxiv.org/help/hypertex/bibstyles.
    """
    key_counts: dict[str, int] = {}
    return "\n".join(
        _bibtex_entry(
            paper, _unique_key(_citation_key(paper), key_counts), (notes or {}).get(paper.id, "")
        )
        for paper in papers
    )


def _bibtex_entry(paper: Paper, key: str, note: str) -> str:
    fields = {
        "title": f"{{{_escape_tex(to_plain_text(paper.title))}}}",
        "author": " and ".join(map(_bibtex_author, _authors(paper))),
        "year": str(paper.published.year),
        "eprint": paper.id,
        "archivePrefix": "arXiv",
        "primaryClass": paper.categories[0] if paper.categories else "",
        "doi": _verbatim(_first_doi(paper)),
        "url": _verbatim(paper.url),
        "annote": _escape_tex(note),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _authors(paper: Paper) -> list[PersonName]:
    """Return the names in parts; "et al." is nobody."""
    names = map(to_plain_text, paper.authors)
    return [parse_name(name) for name in names if name and not is_nobody(name)]


def _first_doi(paper: Paper) -> str:
    """Return the DOI alone: arXiv's field may hold several, or an address."""
    first = next(iter(paper.doi.split()), "").rstrip(",;")
    return re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)", "", first, flags=re.I)


def _verbatim(text: str) -> str:
    """Return the value of a field that BibTeX does not typeset: only what would end it is coded."""
    return re.sub(r"[{}\\]", lambda found: f"%{ord(found[0]):02X}", text)


def _escape_tex(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in " ".join(text.split()))


def _bibtex_author(name: PersonName) -> str:
    """Return a name as "Given Family", or as "von Family, Jr., Given" where BibTeX needs that.

    Braces keep the name of a group, such as "the Qwen and Baichuan teams", in one piece.
    """
    if name.literal:
        literal = _escape_tex(name.literal)
        return f"{{{literal}}}" if re.search(r"[\s,]", name.literal) else literal
    if name.suffix or " " in name.full_family or not name.given:
        parts = (name.full_family, name.suffix, name.given)
        return ", ".join(_escape_tex(part) for part in parts if part)
    return _escape_tex(f"{name.given} {name.family}")


def _citation_key(paper: Paper) -> str:
    author = next((_key_word(name) for name in _authors(paper)), "anonymous")
    word = next((w for w in re.findall(r"[A-Za-z]+", to_plain_text(paper.title)) if len(w) > 3), "")
    key = _to_ascii(f"{author}{paper.published.year}{word}").lower()
    return key if author and word else f"{key}-{_to_ascii(paper.id)}"


def _key_word(name: PersonName) -> str:
    """Return the part of a citation key that stands for the author; "anonymous" in other scripts.

    Of a group, the first words are enough.
    """
    group = re.sub(r"^the\s+", "", name.literal, flags=re.I).split()[:3]
    return _to_ascii(name.family or "".join(group)) or "anonymous"


def _to_ascii(text: str) -> str:
    ascii_text = (
        unicodedata.normalize("NFKD", text.translate(_LATIN)).encode("ascii", "ignore").decode()
    )
    return re.sub(r"[^A-Za-z0-9]", "", ascii_text)


def _unique_key(key: str, key_counts: dict[str, int]) -> str:
    key_counts[key] = key_counts.get(key, 0) + 1
    return key if key_counts[key] == 1 else f"{key}-{key_counts[key]}"


def ris(papers: Sequence[Paper], notes: Mapping[str, str] | None = None) -> str:
    """One record per paper; RIS has no type for preprints, so it is GEN.

    `notes` are the user's, by id; they become N1, which Zotero attaches to the item.
    """
    return "".join(_ris_record(paper, (notes or {}).get(paper.id, "")) for paper in papers)


def _ris_record(paper: Paper, note: str) -> str:
    fields = [
        ("TY", "GEN"),
        ("TI", to_plain_text(paper.title)),
        *(("AU", _ris_author(name)) for name in _authors(paper)),
        ("PY", f"{paper.published:%Y}"),
        ("DA", f"{paper.published:%Y/%m/%d}"),
        ("AB", to_plain_text(paper.abstract)),
        ("PB", "arXiv"),
        ("AN", f"arXiv:{paper.id}"),
        ("DO", _first_doi(paper)),
        ("UR", paper.url),
        ("N1", note),
        ("ER", ""),
    ]
    lines = ((tag, " ".join(text.split())) for tag, text in fields if text or tag == "ER")
    return "".join(f"{tag}  - {text}\r\n" for tag, text in lines) + "\r\n"


def _ris_author(name: PersonName) -> str:
    """Return "Family, Given, Suffix", or a group's name without a comma."""
    if name.literal:
        return name.literal.replace(",", "")
    return ", ".join(filter(None, (name.full_family, name.given, name.suffix)))


def csl(papers: Sequence[Paper]) -> str:
    """A CSL-JSON list for Zotero and pandoc."""
    return json.dumps([_csl_item(paper) for paper in papers], ensure_ascii=False, indent=1) + "\n"


def _csl_item(paper: Paper) -> dict[str, Any]:
    day = paper.published
    item = {
        "id": f"arXiv:{paper.id}",
        "type": "article",
        "title": to_plain_text(paper.title),
        "author": list(map(_csl_name, _authors(paper))),
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "publisher": "arXiv",
        "number": f"arXiv:{paper.id}",
        "abstract": to_plain_text(paper.abstract),
        "DOI": _first_doi(paper),
        "URL": paper.url,
    }
    # An empty list of authors is kept: the work has authors, but their names are not known.
    return {name: value for name, value in item.items() if value or name == "author"}


def _csl_name(name: PersonName) -> dict[str, str]:
    parts = {
        "family": name.family,
        "given": name.given,
        "non-dropping-particle": name.particle,
        "suffix": name.suffix,
        "literal": name.literal,
    }
    return {part: text for part, text in parts.items() if text}
