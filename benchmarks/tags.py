"""Tags compared with reading lists and labels by hand: fit the shipped classifier, and measure it.

    python benchmarks/tags.py fit    --home HOME   writes tracker/topics/classifier.json
    python benchmarks/tags.py score  --home HOME   five folds; --by-date: newest fifth
    python benchmarks/tags.py shipped --home HOME  the shipped tagger: titles of March
    python benchmarks/tags.py precision --home HOME  the shipped tagger: 200 papers of March, read
    python benchmarks/tags.py sample --home HOME   papers of March with tags, to be read by a person

HOME has the papers of 2026 embedded with the bundled model. `tag_corpus` describes the labels, and
`tag_fitting` the model. Papers of March 2026 are never used to fit.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tag_corpus import (
    DATA,
    FIRST_UNSEEN_DAY,
    KEYS,
    LAST_DAY,
    LISTED,
    LISTED_COLUMNS,
    Corpus,
    Group,
    Labels,
    complete_labels,
    load_corpus,
    load_listed,
    pair,
)
from tag_fitting import build_features, fit, fit_averaged, prepare, write

from tracker.models import Paper, Tag
from tracker.search.encoder.select import load_document_encoder
from tracker.settings import Embedding
from tracker.store import papers, vectors
from tracker.store.database import Database, open_database
from tracker.topics.tagging import Tagger
from tracker.topics.taxonomy import load_concepts

# Papers of March 2026 with language models in the title, judged for every key.
MARCH = Path("benchmarks/labels/tags_march.jsonl")


def folds(labels: Labels) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield rows to fit and rows to score, five times, with every list in every fold."""
    from sklearn.model_selection import StratifiedKFold

    first = labels[:, LISTED_COLUMNS].argmax(axis=1)
    return StratifiedKFold(5, shuffle=True, random_state=0).split(labels, first)


def split_by_date(listed: Group) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield once: the older four fifths of each list to fit, the newest fifth to score."""
    order = np.argsort([_month(paper) for paper in listed.ids], kind="stable")
    first = listed.labels[:, LISTED_COLUMNS].argmax(axis=1)
    old = [
        rows[: len(rows) * 4 // 5]
        for key in range(len(LISTED))
        if len(rows := order[first[order] == key])
    ]
    fitted = np.sort(np.concatenate(old))
    yield fitted, np.setdiff1d(order, fitted)


def _month(paper: str) -> float:
    return float(paper) if re.fullmatch(r"\d{4}\.\d{4,5}", paper) else 0.0


def score(corpus: Corpus, splits: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> None:
    """Print the measures of the lists' papers that a model was not fitted to."""
    parts, scored = [], []
    for fitted, held_out in splits:
        training = prepare(Corpus(corpus.listed.select(fitted), corpus.by_hand, corpus.weak))
        model = fit_averaged(training, training.features, training.weights, LISTED_COLUMNS)
        mine = corpus.listed.select(held_out)
        features = build_features(training.lexicon, mine.pairs, mine.vectors)
        parts.append(features @ model.weights.T + model.bias)
        scored.append(held_out)
    report("held out", np.vstack(parts), corpus.listed.select(np.concatenate(scored)))


def report(name: str, logits: NDArray[np.float64], listed: Group) -> None:
    """Print the measures by the lists as they are, and with the subjects that they omit."""
    labels = {"as listed": listed.labels, "completed": complete_labels(listed)}
    as_listed = listed.labels[:, LISTED_COLUMNS].argmax(axis=1)
    for source, known in labels.items():
        _report(f"{name}, {source}", logits, known[:, LISTED_COLUMNS] == 1, as_listed)


def _report(
    name: str,
    logits: NDArray[np.float64],
    labels: NDArray[np.bool_],
    as_listed: NDArray[np.int64],
) -> None:
    """Print accuracy and macro-F1 of the first tag, and macro-F1 of all tags.

    For a paper on two subjects either is right.
    """
    from sklearn.metrics import f1_score

    first = logits.argmax(axis=1)
    right = labels[np.arange(len(labels)), first]
    truth = np.where(right, first, as_listed)
    scores = f1_score(labels, logits >= 0, average=None, zero_division=0)
    print(
        f"{name}: first tag: accuracy {100 * right.mean():.1f}, macro-F1"
        f" {100 * f1_score(truth, first, average='macro'):.1f}; all tags: macro-F1"
        f" {100 * scores.mean():.1f}"
        f" ({', '.join(f'{k} {100 * f:.0f}' for k, f in zip(LISTED, scores, strict=True))})"
    )


TITLES = {
    "language models": (r"language model|\bLLMs?\b", None),
    "agents": (r"\bagents?\b", "agents"),
    "agents, not only of reinforcement learning": (
        r"\bagents?\b(?!.*(reinforcement|MARL|bandit))", "agents",
    ),
    "synthetic data": (r"synthetic data", "data"),
    "interpretability": (r"interpretability", "interpretability"),
}  # fmt: skip


def report_shipped(db: Database, tagger: Tagger, listed: Group) -> None:
    """Print the measures of the shipped tagger: its training set, and titles of March 2026."""
    tags = tagger.tag(listed.pairs, listed.vectors)
    scores = [{tag.name: tag.score for tag in of_paper} for of_paper in tags]
    first = np.array([[by_key.get(key, 0.0) for key in LISTED] for by_key in scores])
    report("shipped, on its training set", first - 0.5, listed)
    found = tag_march(db, tagger)
    print(f"March 2026: {len(found)} papers, {sum(bool(tags) for _, tags in found)} with a tag")
    for name, (pattern, key) in TITLES.items():
        matching = [t for p, t in found if re.search(pattern, p.title, re.IGNORECASE | re.DOTALL)]
        tagged = [t for t in matching if key in {None if key is None else tag.name for tag in t}]
        print(f"{name}: {len(tagged)} of {len(matching)} have {key or 'a tag'}")
    counts = Counter(tag.name for _, tags in found for tag in tags)
    print(", ".join(f"{key} {counts[key]}" for key in KEYS))


def tag_march(db: Database, tagger: Tagger) -> list[tuple[Paper, list[Tag]]]:
    works = vectors.embedded_works_between(db, 1, FIRST_UNSEEN_DAY, LAST_DAY)
    order, matrix = vectors.load_vectors(db, 1, works)
    found = list(papers.load_by_number(db, order.tolist()).values())
    return list(zip(found, tagger.tag([pair(paper) for paper in found], matrix), strict=True))


def report_precision(db: Database, tagger: Tagger) -> None:
    """Print the precision of the shipped tagger on papers of March that were read before tagging.

    A tag of `unclear` could be judged either way, and so could the dimensions of a right direction.
    """
    found = {paper.id: tags for paper, tags in tag_march(db, tagger)}
    rows = list(map(json.loads, MARCH.read_text(encoding="utf-8").splitlines()))
    for name, part in (("first hundred", rows[:100]), ("second hundred", rows[100:])):
        counts: Counter[str] = Counter()
        for row in part:
            within = {key for tag in row["tags"] for key in load_concepts()[tag].within}
            either = {*row["unclear"], *within} - {*row["tags"]}
            counts.update(
                "right" if tag.name in row["tags"] else "unclear" if tag.name in either else "wrong"
                for tag in found[row["id"]]
            )
            counts["untagged"] += not found[row["id"]]
        given = counts["right"] + counts["unclear"] + counts["wrong"]
        print(f"{name}: {dict(counts)}; {100 * (1 - counts['wrong'] / given):.1f} % not wrong")


def sample(db: Database, tagger: Tagger, seed: int, number: int = 100) -> None:
    """Print a random sample of the papers of March 2026 with language models in the title."""
    pattern = re.compile(TITLES["language models"][0], re.IGNORECASE)
    found = sorted(
        (pair for pair in tag_march(db, tagger) if pattern.search(pair[0].title)),
        key=lambda pair: pair[0].id,
    )
    chosen = np.random.default_rng(seed).choice(len(found), number, replace=False)
    for paper, tags in (found[n] for n in sorted(chosen.tolist())):
        print(f"{paper.id} {paper.title}\n  {paper.abstract[:300]}")
        print("  " + "; ".join(f"{tag.name} {tag.score:.2f} ({tag.why})" for tag in tags))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("fit", "score", "shipped", "precision", "sample"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--by-date", action="store_true")
    parser.add_argument("--seed", type=int, default=6, help="of the sample")
    arguments = parser.parse_args()
    with open_database(arguments.home / "tracker.db") as db:
        encoder = load_document_encoder(Embedding(), arguments.home / "models", offline=True)
        listed = load_listed(arguments.data, encoder, arguments.home)
        if arguments.what == "fit":
            write(fit(load_corpus(db, listed)))
        elif arguments.what == "score":
            splits = split_by_date(listed) if arguments.by_date else folds(listed.labels)
            score(load_corpus(db, listed), splits)
        else:
            measure(db, Tagger(encoder.encode, encoder.id.model), listed, arguments)


def measure(db: Database, tagger: Tagger, listed: Group, arguments: argparse.Namespace) -> None:
    """Print the measures of the shipped tagger, or a sample of its tags."""
    if arguments.what == "shipped":
        report_shipped(db, tagger, listed)
    elif arguments.what == "precision":
        report_precision(db, tagger)
    else:
        sample(db, tagger, arguments.seed)


if __name__ == "__main__":
    main()
