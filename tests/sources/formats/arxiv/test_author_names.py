r"""Author lines as arXiv stores them name people and groups; everything else is left out."""

from datetime import UTC, date, datetime

import pytest

from tests.faults.arxiv_documents import oai, rss
from tests.faults.arxiv_server import Record, feed
from tracker.records import Listing
from tracker.sources import arxiv_oai, arxiv_rss
from tracker.sources.arxiv_snapshot import paper_from_record
from tracker.sources.formats.arxiv import arxiv_atom
from tracker.sources.formats.arxiv.author_names import clean_author_name, split_author_line

LINES = [
    ("Ada Doe, Bo Roe and Cy Poe", "Ada Doe|Bo Roe|Cy Poe"),
    ("Ada Doe, Bo Roe, and Cy Poe", "Ada Doe|Bo Roe|Cy Poe"),
    ("Ada Doe & Bo Roe", "Ada Doe|Bo Roe"),
    (r"Ada Doe \& Bo Roe", "Ada Doe|Bo Roe"),
    ("Ada Doe &amp; Bo Roe", "Ada Doe|Bo Roe"),
    ("Ada Doe; Bo Roe; Cy Poe", "Ada Doe|Bo Roe|Cy Poe"),
    (r"Ada Doe\and Bo Roe", "Ada Doe|Bo Roe"),
    ("ADA DOE AND BO ROE", "ADA DOE|BO ROE"),
    ("Sandy And, Brand Andersson and Roland Land", "Sandy And|Brand Andersson|Roland Land"),
    # Affiliations in brackets, nested, unclosed, and lists of institutions.
    ("Ada Doe (University of X, City and Country), Bo Roe (Lab Y)", "Ada Doe|Bo Roe"),
    ("Ada Doe (Dept. of X (formerly Y, Z)), Bo Roe [Lab, Z]", "Ada Doe|Bo Roe"),
    ("Ada Doe (1), Bo Roe (2) ((1) Univ. of X, Land, (2) Lab Y)", "Ada Doe|Bo Roe"),
    ("Ada Doe (1 and 2), Bo Roe (2) ((1) X, (2) Y and Z, Inc.)", "Ada Doe|Bo Roe"),
    ("Ada Doe (a,b), Bo Roe (a) ((a) Univ, (b) Lab)", "Ada Doe|Bo Roe"),
    ("Ada Doe (1), Bo Roe (2), (1) Univ. of X, Land, (2) Lab Y", "Ada Doe|Bo Roe"),
    ("(1) Ada Doe, (2) Bo Roe", "Ada Doe|Bo Roe"),
    ("Ada Doe (1,2) Bo Roe (2)", "Ada Doe|Bo Roe"),
    ("Ada Doe (University of X, Bo Roe", "Ada Doe|Bo Roe"),
    (r"Ada Doe$^{1,2}$, Bo Roe\textsuperscript{2}, Cy Poe*†", "Ada Doe|Bo Roe|Cy Poe"),
    (r"Ada Doe\thanks{Supported by X, Y and Z}, Bo Roe", "Ada Doe|Bo Roe"),
    ("Ada Doe <ada@x.example>, Bo Roe1", "Ada Doe|Bo Roe"),
    ("Ada Doe (X Univ.) Bo B. Roe (Y), Mary Ann (Polly) Poe", "Ada Doe|Bo B. Roe|Mary Ann Poe"),
    ("Ada Doe 1, Bo Roe 12, Team 2", "Ada Doe|Bo Roe|Team 2"),
    ("Dr. Ada Doe, Prof. Dr. Bo Roe, Prof Cy Poe", "Ada Doe|Bo Roe|Cy Poe"),
    (r"Jo{\~a}o N{\'u}{\~n}ez$^\dagger$, \v{Z}eljko \'Ivan", "João Núñez|Željko Ívan"),
    ("Ada Doe (i), Bo Roe (ii) ((i) Uni X, (ii) Uni Y)", "Ada Doe|Bo Roe"),
    ("Henry Doe, Jr. (X University, City, ST), Bo Roe, IV", "Henry Doe Jr.|Bo Roe IV"),
    # Groups.
    ("The Example Collaboration: A. Doe, B. Roe", "The Example Collaboration|A. Doe|B. Roe"),
    ("Example Labs, :, Ada Doe", "Example Labs|Ada Doe"),
    ("Ada Doe for the Example Collaboration", "Ada Doe|Example Collaboration"),
    ("Ada Doe, on behalf of the Example Team", "Ada Doe|Example Team"),
    ("Ada Doe (on behalf of the Example Team), Bo Roe", "Ada Doe|Bo Roe"),
    ("Ada Doe and the Alpha and Beta teams", "Ada Doe|the Alpha and Beta teams"),
    ("Institute for the Study of X", "Institute for the Study of X"),
    ("{The Alpha, and Beta Team}, Ada Doe", "The Alpha, and Beta Team|Ada Doe"),
    ("Ada Doe, Bo Roe with an appendix by Cy Poe", "Ada Doe|Bo Roe|Cy Poe"),
    ("Ada Doe, Bo Roe et al.", "Ada Doe|Bo Roe"),
    ("Ada Doe, et al. (1000 additional authors not shown)", "Ada Doe"),
    ("Ada Doe and 12 others", "Ada Doe"),
    # Suffixes, degrees, particles, initials, other orders and scripts.
    ("John Doe, Jr., Mary Roe, III and Cy Poe Sr.", "John Doe Jr.|Mary Roe III|Cy Poe Sr."),
    ("John Doe, Jr. (University of X), Mary Roe", "John Doe Jr.|Mary Roe"),
    ("Ada Doe, Ph.D., Bo Roe, MD", "Ada Doe|Bo Roe"),
    ("Jan van der Berg and Maria de la Torre", "Jan van der Berg|Maria de la Torre"),
    ("J. R. R. Doe, A.-B. Roe", "J. R. R. Doe|A.-B. Roe"),
    ("Doe, A., Roe, B. C. and Poe, D.", "A. Doe|B. C. Roe|D. Poe"),
    ("Doe, Ada; Roe, Bo", "Ada Doe|Bo Roe"),
    ("Ou Wu, Yu Ma, Li Su, Bo Li", "Ou Wu|Yu Ma|Li Su|Bo Li"),
    ("王小明，李雷、韩梅", "王小明|李雷|韩梅"),
    ("Wei Wang, Wei Wang", "Wei Wang|Wei Wang"),
    # LaTeX.
    (r"Fran\c{c}ois D\'esir\'e, {\L}ukasz Roe", "François Désiré|Łukasz Roe"),
    (r"K.-R. M\"{u}ller, Jos\'e~Garc\'{\i}a", "K.-R. Müller|José García"),
    (r"Nguy\~{\^e}n V\u{a}n A, S{\o}ren {\AA}by", "Nguyễn Văn A|Søren Åby"),
    ("", ""),
]


@pytest.mark.parametrize(("line", "names"), LINES)
def test_a_line_names_people_and_groups_only(line: str, names: str) -> None:
    assert "|".join(split_author_line(line)) == names


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [("and Ada Doe", "Ada Doe"), ("Ada Doe and", "Ada Doe"), ("/Ada Doe", "Ada Doe"), (":", ""),
     ("Ada~Doe", "Ada Doe"), (r"Erd\H{o}s", "Erdős"), ("et al.", ""), ("Ph. D.", ""), ("", "")],
)  # fmt: skip
def test_one_name_loses_what_a_cut_line_left_on_it(name: str, cleaned: str) -> None:
    assert clean_author_name(name) == cleaned


DAY = date(2026, 3, 10)
NAMES = ("Ana Núñez", "Bo Roe Jr.", "Example Team")
LINE = r"Ana N\'u\~nez (1 and 2), Bo Roe, Jr. (2), Example Team ((1) X, Land, (2) Y and Z, Inc.)"


def test_all_arxiv_sources_agree_on_the_names_of_a_work() -> None:
    submitted = datetime(2026, 3, 9, 12, tzinfo=UTC)
    record = Record("2603.00001", submitted, authors=NAMES)
    raw = Record("2603.00001", submitted, authors=(LINE,))
    request = {"set": "cs:cs:CL", "from": "2026-03-01"}
    (harvested, _), *_ = arxiv_oai.parse(oai([raw], DAY, request, page=3)).papers
    listed = arxiv_rss.parse(rss([raw], DAY, ["cs.CL"])).records
    (announced,) = (item for item in listed if not isinstance(item, Listing))
    (queried,) = arxiv_atom.parse(feed([record], total=1)).papers
    stored = paper_from_record(
        {
            "id": "2603.00001",
            "title": "A title",
            "authors": LINE,
            "versions": [{"version": "v1", "created": "Mon, 9 Mar 2026 12:00:00 GMT"}],
            "update_date": "2026-03-10",
        }
    )
    assert queried.authors == NAMES
    assert harvested.authors == stored.authors == NAMES
    assert getattr(announced, "authors", None) == NAMES
