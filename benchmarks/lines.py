"""Train the rubric of the lines on judged ones, and check the lines of an issue by rule.

    python benchmarks/lines.py train           cross-validates by paper, then writes the weights
    python benchmarks/lines.py check --home H  rules on every line that W09-W13 of 2026 would show

``labels/lines.jsonl`` has 600 lines of abstracts of 2026, each read and judged good, vague or
broken, with a reason: the arXiv id, the number of the sentence, how it was shortened, and the hash
of the line, but not its text, which is made again from the records under ``--data``. A line that
the wording rules now make differently is left out. ``check`` reads only the store.

Rules of ``check``: *cut*, the line ends before its sentence does; *back*, it refers to an earlier
sentence; *marks*, it has unbalanced brackets or quotes, a small first letter, or remains of
LaTeX. *effect* is the share of papers whose abstract states an effect and whose lines do.
"""

import argparse
import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from summarizer.extractive.candidates import list_candidates
from summarizer.extractive.findings import states_effect
from summarizer.extractive.rubric import RUBRIC_FEATURES, rubric_features
from summarizer.extractive.scoring import work_name
from summarizer.extractive.standalone import is_broken, refers_back
from summarizer.extractive.tighten import tighten_sentence
from summarizer.extractive.weights import PATH, load_weights
from summarizer.text.sentences import split_sentences, to_plain_text
from summarizer.text.stems import STOP_WORDS, stem_tokens
from tracker.calendar import Period
from tracker.digest.document import Entry
from tracker.pipeline.issue.compose_issue import draft
from tracker.settings import Config
from tracker.store import papers
from tracker.store.database import read_only

LABELS = Path(__file__).parent / "labels" / "lines.jsonl"
SNAPSHOT = (
    Path(__file__).resolve().parents[2]
    / "shared/data/arxiv/arxiv-metadata-2024-12_2026-03.jsonl.gz"
)
WEEKS = ("2026-W09", "2026-W10", "2026-W11", "2026-W12", "2026-W13")
FOLDS = 10
C = 0.05


@dataclass(frozen=True)
class Judged:
    """A judged line with its features."""

    paper: str
    label: str
    features: list[float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("train", "check"))
    parser.add_argument("--data", type=Path, default=SNAPSHOT)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--weeks", nargs="+", default=WEEKS)
    arguments = parser.parse_args()
    if arguments.command == "train":
        train(list(judged_lines(arguments.data)))
    else:
        check(arguments.home, arguments.weeks)


def judged_lines(data: Path) -> Iterator[Judged]:
    rows = [json.loads(row) for row in LABELS.read_text(encoding="utf-8").splitlines()]
    records = read_records(data, {row["id"] for row in rows})
    missing = 0
    for row in rows:
        title, abstract = records[row["id"]]
        candidates = {hash_of(c.text): c for c in candidates_of(title, abstract)}
        candidate = candidates.get(row["sha1"])
        if candidate is None:
            missing += 1
            continue
        title_stems = frozenset(stem_tokens(title.lower())) - STOP_WORDS
        features = rubric_features(
            candidate.text, title_stems, result=row["role"] == "result", cut=candidate.cut
        )
        yield Judged(row["id"], row["label"], features)
    print(f"{len(rows)} judged lines, {missing} of them no longer made")


def read_records(data: Path, wanted: set[str]) -> dict[str, tuple[str, str]]:
    """Return (title, abstract) by id, as plain text."""
    found = {}
    with gzip.open(data, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["id"] in wanted:
                found[row["id"]] = to_plain_text(row["title"]), to_plain_text(row["abstract"])
    return found


def candidates_of(title: str, abstract: str) -> list[Any]:
    tightened = [tighten_sentence(s) for s in split_sentences(abstract)]
    return list_candidates(tightened, work_name(title), title)


def hash_of(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:12]


def train(lines: list[Judged]) -> None:
    features = np.array([line.features for line in lines])
    good = np.array([line.label == "good" for line in lines])
    papers = [line.paper for line in lines]
    predicted = np.zeros(len(lines))
    for fitted, held_out in GroupKFold(FOLDS).split(features, good, papers):
        bias, weights = fit(features[fitted], good[fitted])
        predicted[held_out] = features[held_out] @ weights + bias
    accuracy = np.mean((predicted > 0) == good)
    ranks = np.argsort(np.argsort(predicted))
    positive = int(good.sum())
    area = (ranks[good].sum() - positive * (positive - 1) / 2) / (
        positive * (len(lines) - positive)
    )
    print(f"labels: {dict(Counter(line.label for line in lines))}")
    print(
        f"cross-validated by paper: accuracy {accuracy:.3f} (always good: {good.mean():.3f}),"
        f" area under the curve {area:.3f}"
    )
    bias, weights = fit(features, good)
    named = dict(zip(RUBRIC_FEATURES, map(float, weights), strict=True))
    replace(load_weights(), rubric_bias=float(bias), rubric=named).save(PATH)
    print(f"wrote {PATH}")


def fit(features: np.ndarray, good: np.ndarray) -> tuple[float, np.ndarray]:
    """Return bias and weights on the raw scale of a logistic regression."""
    scale = StandardScaler().fit(features)
    model = LogisticRegression(C=C, max_iter=1000).fit(scale.transform(features), good)
    weights = model.coef_[0] / scale.scale_
    return float(model.intercept_[0] - weights @ scale.mean_), weights


def check(home: Path, weeks: Iterable[str]) -> None:
    print("week      place  papers  lines    cut   back  marks  effect")
    total: list[Shown] = []
    for week in weeks:
        shown = list(shown_papers(home, week))
        total += shown
        for place in ("top", "theme"):
            print(f"{week}  {place:5}  {rates([one for one in shown if one.place == place])}")
    print(f"all       both   {rates(total)}")


@dataclass(frozen=True)
class Shown:
    """A paper of an issue: where it stands, its lines with their sources, and its abstract."""

    place: str
    lines: tuple[tuple[str, str], ...]
    abstract: str


def shown_papers(home: Path, week: str) -> Iterator[Shown]:
    """Compose the issue as it would be sent, storing nothing, and yield what it shows."""
    config = Config(home=home)
    with read_only(config.database) as db:
        document = draft(db, config, Period.parse_week(week), now=datetime.now(UTC))
        top = [document.read_first, *document.top] if document.read_first else document.top
        themed = [entry for theme in document.themes for entry in theme.entries]
        works = papers.load_by_key(db, [entry.id for entry in (*top, *themed)])
    abstracts = {paper.id: paper.abstract for paper in works.values()}
    for entry in top:
        lines = (entry.tldr, entry.result) if entry.result else (entry.tldr,)
        yield shown_paper("top", entry, lines, abstracts[entry.id])
    for entry in themed:
        yield shown_paper("theme", entry, (entry.one_line,), abstracts[entry.id])


def shown_paper(place: str, entry: Entry, lines: Iterable[str], abstract: str) -> Shown:
    sources = {proof.text: proof.source for proof in entry.proofs}
    return Shown(place, tuple((line, sources[line]) for line in lines), abstract)


def rates(shown: list[Shown]) -> str:
    lines = [line for one in shown for line in one.lines]
    stating = [one for one in shown if any(map(states_effect, sentences_of(one.abstract)))]
    showing = [one for one in stating if any(states_effect(text) for text, _ in one.lines)]
    shares = [
        np.mean([is_cut(text, source) for text, source in lines]),
        np.mean([refers_back(text) for text, _ in lines]),
        np.mean([is_broken(text) for text, _ in lines]),
    ]
    percent = "  ".join(f"{share:5.1%}" for share in shares)
    return f"{len(shown):6d}  {len(lines):5d}  {percent}  {len(showing)} of {len(stating)}"


def sentences_of(abstract: str) -> list[str]:
    return split_sentences(to_plain_text(abstract))


def is_cut(text: str, source: str) -> bool:
    """Whether a line ends before its sentence; a bracket or an address at the end may go."""
    return not ending_of(source).endswith(ending_of(text)[-10:])


def ending_of(text: str) -> str:
    without = re.sub(r"[\s(]*(?:https?:|www\.)\S+", "", re.sub(r"\s*\([^()]*\)", "", text))
    return re.sub(r"\W", "", without)


if __name__ == "__main__":
    main()
