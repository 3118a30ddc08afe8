"""Tags compared with reading lists and labels by hand: fit the shipped classifier, and measure it.

    python benchmarks/tags.py fit    --home HOME   writes tracker/topics/classifier.json
    python benchmarks/tags.py score  --home HOME   five folds; --by-date: newest fifth
    python benchmarks/tags.py shipped --home HOME  the shipped tagger: titles of March
    python benchmarks/tags.py sample --home HOME   papers of March with tags, to be read by a person

HOME has the papers of 2026 embedded with the bundled model. The classifier is fitted to

- seven public lists, whose papers are negative for the keys of the other lists;
- `benchmarks/labels/tags.jsonl`: papers announced before March 2026, judged for every key by title
  and abstract. Keys that could be judged either way are left out;
- weak labels (`benchmarks/weak_tags.py`) of all papers embedded and announced before March 2026.

Papers of March 2026 are never used to fit. Each key's threshold is the lowest at which, with the
papers labelled by hand in four folds, the precision is sufficient.
"""

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from weak_tags import weak_labels

from tracker.models import Paper, Tag
from tracker.search.encoder.select import Encoder, load_document_encoder
from tracker.settings import Embedding
from tracker.store import papers, vectors
from tracker.store.database import Database, open_database
from tracker.topics.classifier import (
    SCALE,
    VECTOR_WEIGHT,
    Classifier,
    Lexicon,
    LinearModel,
    folded_terms,
)
from tracker.topics.seed_phrases import SeedPhraseMatcher
from tracker.topics.tagging import Tagger
from tracker.topics.taxonomy import load_concepts

DATA = Path("../shared/data")
LABELS = Path("benchmarks/labels/tags.jsonl")
TARGET = Path("tracker/topics/classifier.json")
MODEL = "all-MiniLM-L6-v2"
LISTS = {
    "LLM-Agents-Papers": "agents",
    "Awesome-LM-SSP": "safety-security",
    "Awesome-LLM-Long-Context-Modeling": "long-context",
    "Awesome-LLM-Compression": "compression",
    "RAG-Survey": "rag",
    "A-Survey-on-Mixture-of-Experts-in-LLMs": "moe",
    "awesome-RLHF": "alignment-methods",
}
LISTED = tuple(LISTS.values())
KEYS = tuple(load_concepts())
LISTED_COLUMNS = [KEYS.index(key) for key in LISTED]
FIRST_DAY, FIRST_UNSEEN_DAY, LAST_DAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 3, 31)
# Inverse strength of the penalty, and the power of the class ratio that weights rare keys.
_C, _RAISE = 3.0, 0.5
# The same for the model fitted to the lists alone.
_LISTED_C, _LISTED_RAISE = 5.0, 1.0
# Weights of a label by hand, and of a weak one for keys without and with a list; a list counts 1.
_BY_HAND, _WEAK, _WEAK_LISTED = 2.0, 0.05, 0.05
# Terms of texts and of titles that are features, and the least number of papers that have one.
_WORDS, _TITLE_WORDS, _LEAST_PAPERS = 4000, 800, 5
# The precision that sets a threshold, the logits between which it lies, and the threshold of a key
# with fewer positive labels by hand than this. A key with many labels can be more precise.
_PRECISION, _PRECISION_OF_MANY, _MANY = 0.9, 0.95, 50
_LOWEST, _HIGHEST, _LEAST_RECALL = -0.5, 4.0, 0.25
_LEAST_POSITIVE, _USUAL_THRESHOLD = 10, 0.5
_EXAMPLES = 6

Labels = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Group:
    """Papers: ids, (title, abstract), unit rows (n, d), and labels (n, keys): 1, 0, unknown -1."""

    ids: Sequence[str]
    pairs: Sequence[tuple[str, str]]
    vectors: NDArray[np.float32]
    labels: Labels

    def select(self, rows: NDArray[np.int64]) -> "Group":
        return Group(
            [self.ids[row] for row in rows], [self.pairs[row] for row in rows],
            self.vectors[rows], self.labels[rows],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Corpus:
    """The papers on the seven lists, those labelled by hand, and those labelled by rules."""

    listed: Group
    by_hand: Group
    weak: Group


def load_listed(data: Path, encoder: Encoder, home: Path) -> Group:
    """Return every paper on one of the seven lists; their vectors are cached in the home."""
    lines = gzip.decompress((data / "eval/topics/labelled.jsonl.gz").read_bytes()).splitlines()
    rows = [row for row in map(json.loads, lines) if set(row["lists"]) & set(LISTS)]
    pairs = [(row["title"], row["abstract"]) for row in rows]
    cache = home / "labelled.npy"
    if not cache.exists():
        np.save(cache, encoder.encode([f"{title}\n{abstract}" for title, abstract in pairs]))
    labels = np.full((len(rows), len(KEYS)), -1, np.int8)
    for row, paper in enumerate(rows):
        labels[row, LISTED_COLUMNS] = [name in paper["lists"] for name in LISTS]
    return Group([row["arxiv_id"] for row in rows], pairs, np.load(cache), labels)


def load_corpus(db: Database, listed: Group) -> Corpus:
    """Return the papers to fit to, all announced before March 2026."""
    by_id = {
        row["id"]: [row["tags"].get(key, -1) for key in KEYS]
        for row in map(json.loads, LABELS.read_text(encoding="utf-8").splitlines())
    }
    works = vectors.embedded_works_between(db, 1, FIRST_DAY, LAST_DAY)
    order, matrix = vectors.load_vectors(db, 1, works)
    found = list(papers.load_by_number(db, order.tolist()).values())
    early = [row for row, paper in enumerate(found) if paper.announced < FIRST_UNSEEN_DAY]
    early.sort(key=lambda row: found[row].id)
    hand = [row for row in early if found[row].id in by_id]
    weak = [row for row in early if found[row].id not in by_id]
    late = sum(paper.id in by_id for paper in found) - len(hand)
    assert len(hand) + late == len(by_id), "HOME lacks papers that are labelled by hand"
    return Corpus(
        listed,
        _group(found, matrix, hand, [by_id[found[row].id] for row in hand]),
        _group(found, matrix, weak, weak_labels([_pair(found[row]) for row in weak])),
    )


def _pair(paper: Paper) -> tuple[str, str]:
    return paper.title, paper.abstract


def _group(
    found: Sequence[Paper],
    matrix: NDArray[np.float32],
    rows: Sequence[int],
    labels: Sequence[Sequence[int]] | Labels,
) -> Group:
    return Group(
        [found[row].id for row in rows],
        [_pair(found[row]) for row in rows],
        matrix[rows],
        np.asarray(labels, np.int8),
    )


@dataclass(frozen=True, slots=True)
class Training:
    """Features (n, d + terms), labels and weights (n, keys), and the rows labelled by hand."""

    lexicon: Lexicon
    features: sparse.csr_matrix
    labels: Labels
    weights: NDArray[np.float64]
    by_hand: slice


def prepare(corpus: Corpus) -> Training:
    """Return the features, labels and weights of all papers of a corpus."""
    listed, hand, weak = corpus.listed, corpus.by_hand, corpus.weak
    on_lists = np.where(listed.labels >= 0, listed.labels, weak_labels(listed.pairs))
    labels = np.vstack([on_lists, hand.labels, weak.labels])
    weights = np.full(labels.shape, _WEAK)
    end = len(listed.ids) + len(hand.ids)
    weights[: len(listed.ids)][listed.labels >= 0] = 1
    weights[len(listed.ids) : end] = _BY_HAND
    weights[end:, LISTED_COLUMNS] = _WEAK_LISTED
    pairs = [*listed.pairs, *hand.pairs, *weak.pairs]
    lexicon = choose_lexicon(pairs, labels)
    features = build_features(
        lexicon, pairs, np.vstack([listed.vectors, hand.vectors, weak.vectors])
    )
    return Training(lexicon, features, labels, weights, slice(len(listed.ids), end))


def build_features(
    lexicon: Lexicon, pairs: Sequence[tuple[str, str]], matrix: NDArray[np.float32]
) -> sparse.csr_matrix:
    """Return the vectors and the lexical features (n, d + terms), as the classifier weighs them."""
    seeds = SeedPhraseMatcher(load_concepts().values())
    terms = [
        lexicon.find_terms(title, abstract, seeds.find(title), seeds.find(abstract))
        for title, abstract in pairs
    ]
    lexical = sparse.csr_matrix(
        (
            np.concatenate([one.values for one in terms]),
            np.concatenate([one.columns for one in terms]),
            np.cumsum([0, *(len(one.columns) for one in terms)]),
        ),
        shape=(len(pairs), lexicon.size),
    )
    return sparse.hstack([sparse.csr_matrix(VECTOR_WEIGHT * matrix), lexical]).tocsr()


def choose_lexicon(pairs: Sequence[tuple[str, str]], labels: Labels) -> Lexicon:
    """Return the terms of texts and of titles that depend most on some label, with their idf."""
    full = [folded_terms(f"{title}\n{abstract}") for title, abstract in pairs]
    words, idf = _choose_terms(full, labels, _WORDS)
    titles, title_idf = _choose_terms(
        [folded_terms(title) for title, _ in pairs], labels, _TITLE_WORDS
    )
    return Lexicon(words, idf, titles, title_idf, KEYS)


def _choose_terms(
    terms: Sequence[set[str]], labels: Labels, number: int
) -> tuple[dict[str, int], NDArray[np.float32]]:
    """Return the best terms of each key in turn until there are enough, and their idf."""
    from sklearn.feature_selection import chi2

    count = Counter(term for known in terms for term in known)
    names = sorted(t for t, n in count.items() if _LEAST_PAPERS <= n <= len(terms) / 2)
    matrix = _incidence(terms, {name: n for n, name in enumerate(names)})
    ranked = []
    for column in range(labels.shape[1]):
        known = labels[:, column] >= 0
        strength = np.nan_to_num(chi2(matrix[known], labels[known, column])[0])
        ranked.append(np.argsort(-strength, kind="stable"))
    in_turn = dict.fromkeys(int(n) for n in np.array(ranked).T.ravel())
    best = sorted(names[n] for n in list(in_turn)[:number])
    idf = np.array([np.log(len(terms) / (1 + count[name])) for name in best], np.float32)
    return {name: n for n, name in enumerate(best)}, idf


def _incidence(terms: Sequence[set[str]], column: Mapping[str, int]) -> sparse.csr_matrix:
    rows = [sorted(column[term] for term in known if term in column) for known in terms]
    columns = np.concatenate([np.array(row, np.int64) for row in rows])
    starts = np.cumsum([0, *map(len, rows)])
    shape = (len(terms), len(column))
    return sparse.csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=shape)


def fit_linear(
    features: sparse.csr_matrix,
    labels: Labels,
    weights: NDArray[np.float64],
    columns: Iterable[int],
    *,
    c: float = _C,
    power: float = _RAISE,
) -> LinearModel:
    """Return a logistic regression for each key in `columns`; rows with weight 0 are left out."""
    from sklearn.linear_model import LogisticRegression

    fitted = []
    for column in columns:
        used = np.flatnonzero((labels[:, column] >= 0) & (weights[:, column] > 0))
        label, weight = labels[used, column] == 1, weights[used, column].copy()
        weight[label] *= (weight[~label].sum() / weight[label].sum()) ** power
        model = LogisticRegression(C=c, solver="liblinear", max_iter=300, random_state=0)
        fitted.append(model.fit(features[used], label, weight))
    return LinearModel(
        np.array([model.coef_[0] for model in fitted], np.float32),
        np.array([model.intercept_[0] for model in fitted], np.float32),
    )


def fit_averaged(
    training: Training,
    features: sparse.csr_matrix,
    weights: NDArray[np.float64],
    columns: Sequence[int] = range(len(KEYS)),
) -> LinearModel:
    """Return a model of the keys in `columns`, without thresholds.

    For a key that has a list it is the mean of a model fitted to everything and one fitted to the
    lists alone: the lists are larger and know what the other lists contain, the other labels know
    the papers that are on no list.
    """
    model = fit_linear(features, training.labels, weights, columns)
    end = training.by_hand.start
    on_lists = fit_linear(
        features[:end], training.labels[:end], weights[:end], LISTED_COLUMNS,
        c=_LISTED_C, power=_LISTED_RAISE,
    )  # fmt: skip
    rows = [list(columns).index(column) for column in LISTED_COLUMNS]
    model.weights[rows] = (model.weights[rows] + on_lists.weights) / 2
    model.bias[rows] = (model.bias[rows] + on_lists.bias) / 2
    return model


def fit_with_thresholds(training: Training, features: sparse.csr_matrix) -> LinearModel:
    """Return the model fitted to everything; the threshold of each key is part of its bias."""
    hand = training.labels[training.by_hand]
    logits = np.zeros(hand.shape)
    fold = np.random.default_rng(0).integers(0, 4, len(hand))
    for held_out in range(4):
        weights = training.weights.copy()
        weights[training.by_hand][fold == held_out] = 0
        model = fit_averaged(training, features, weights)
        mine = features[training.by_hand][fold == held_out]
        logits[fold == held_out] = mine @ model.weights.T + model.bias
    thresholds = np.array([choose_threshold(logits[:, n], hand[:, n]) for n in range(len(KEYS))])
    report_by_hand(logits - thresholds, hand, thresholds)
    model = fit_averaged(training, features, training.weights)
    return LinearModel(model.weights, (model.bias - thresholds).astype(np.float32))


def choose_threshold(logits: NDArray[np.float64], labels: Labels) -> float:
    """Return the lowest logit from which on the precision is sufficient, or else the most precise.

    It leaves at least a quarter of the positive labels.
    """
    positive = np.sum(labels == 1)
    if positive < _LEAST_POSITIVE:
        return _USUAL_THRESHOLD
    sufficient = _PRECISION_OF_MANY if positive >= _MANY else _PRECISION
    best, threshold = 0.0, _LOWEST
    for candidate in np.arange(_LOWEST, _HIGHEST, 0.05):
        above = labels[(logits >= candidate) & (labels >= 0)]
        if np.sum(above == 1) < _LEAST_RECALL * positive:
            break
        if (precision := float(np.mean(above == 1))) > best:
            best, threshold = precision, float(candidate)
        if best >= sufficient:
            break
    return threshold


def report_by_hand(
    logits: NDArray[np.float64], labels: Labels, thresholds: NDArray[np.float64]
) -> None:
    """Print precision and recall of each key on the papers labelled by hand, in four folds."""
    print("key, threshold, labels, positive, precision, recall: labels by hand in four folds")
    for n, key in enumerate(KEYS):
        known = labels[:, n] >= 0
        truth, given = labels[known, n] == 1, logits[known, n] >= 0
        right = int(np.sum(truth & given))
        print(
            f"{key:18} {thresholds[n]:5.2f} {known.sum():4} {truth.sum():4}"
            f"  {right}/{given.sum()} = {right / max(given.sum(), 1):.2f}"
            f"  {right / max(truth.sum(), 1):.2f}"
        )


def fit(corpus: Corpus) -> Classifier:
    """Return the classifier fitted to a corpus, with thresholds."""
    training = prepare(corpus)
    listed = corpus.listed
    combined = fit_with_thresholds(training, training.features)
    lexical_features = training.features[:, -training.lexicon.size :]
    lexical = fit_with_thresholds(training, lexical_features)
    return Classifier(MODEL, KEYS, training.lexicon, combined, lexical, *_examples(listed))


def _examples(
    listed: Group,
) -> tuple[dict[str, tuple[str, ...]], dict[str, NDArray[np.float32]]]:
    """Return a few papers of each list, each nearest to the centroid of one part of it."""
    from sklearn.cluster import KMeans

    ids, matrices = {}, {}
    for key in LISTED:
        members = np.flatnonzero(listed.labels[:, KEYS.index(key)] == 1)
        groups = KMeans(_EXAMPLES, random_state=0, n_init=3).fit(listed.vectors[members])
        distances = groups.transform(listed.vectors[members])
        chosen = members[np.unique(distances.argmin(axis=0))]
        ids[key] = tuple(listed.ids[row] for row in chosen)
        matrices[key] = listed.vectors[chosen]
    return ids, matrices


def write(classifier: Classifier) -> None:
    """Write the classifier as JSON; the numbers are integers, `SCALE` to one."""
    content = {
        "model": classifier.model,
        "keys": classifier.keys,
        "words": list(classifier.lexicon.words),
        "idf": _integers(classifier.lexicon.word_idf),
        "title_words": list(classifier.lexicon.title_words),
        "title_idf": _integers(classifier.lexicon.title_idf),
        "combined": _linear(classifier.combined),
        "lexical": _linear(classifier.lexical),
        "examples": {
            key: dict(zip(ids, np.round(classifier.example_vectors[key].astype(float), 3).tolist(),
                          strict=True))
            for key, ids in classifier.examples.items()
        },
    }  # fmt: skip
    TARGET.write_text(json.dumps(content, separators=(",", ":")) + "\n")


def _linear(model: LinearModel) -> dict[str, list[int]]:
    return {"weights": _integers(model.weights), "bias": _integers(model.bias)}


def _integers(numbers: NDArray[np.float32]) -> list[int]:
    found: list[int] = np.round(numbers.astype(float) * SCALE).astype(int).tolist()
    return found


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
    parts, truths = [], []
    for fitted, held_out in splits:
        training = prepare(Corpus(corpus.listed.select(fitted), corpus.by_hand, corpus.weak))
        model = fit_averaged(training, training.features, training.weights, LISTED_COLUMNS)
        mine = corpus.listed.select(held_out)
        parts.append(
            build_features(training.lexicon, mine.pairs, mine.vectors) @ model.weights.T
            + model.bias
        )
        truths.append(mine.labels[:, LISTED_COLUMNS] == 1)
    report("held out", np.vstack(parts), np.vstack(truths))


def report(name: str, logits: NDArray[np.float64], labels: NDArray[np.bool_]) -> None:
    """Print accuracy and macro-F1 of the first tag, and macro-F1 of all tags.

    For a paper on two lists either is right.
    """
    from sklearn.metrics import f1_score

    first = logits.argmax(axis=1)
    right = labels[np.arange(len(labels)), first]
    truth = np.where(right, first, labels.argmax(axis=1))
    scores = f1_score(labels, logits >= 0, average=None, zero_division=0)
    print(
        f"{name:28} first tag: accuracy {100 * right.mean():.1f}, macro-F1"
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
    report("shipped, on its training set", first - 0.5, listed.labels[:, LISTED_COLUMNS] == 1)
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
    return list(zip(found, tagger.tag([_pair(paper) for paper in found], matrix), strict=True))


def sample(db: Database, tagger: Tagger, number: int = 100) -> None:
    """Print a random sample of the papers of March 2026 with language models in the title."""
    pattern = re.compile(TITLES["language models"][0], re.IGNORECASE)
    found = sorted(
        (pair for pair in tag_march(db, tagger) if pattern.search(pair[0].title)),
        key=lambda pair: pair[0].id,
    )
    chosen = np.random.default_rng(6).choice(len(found), number, replace=False)
    for paper, tags in (found[n] for n in sorted(chosen.tolist())):
        print(f"{paper.id} {paper.title}\n  {paper.abstract[:300]}")
        print("  " + "; ".join(f"{tag.name} {tag.score:.2f} ({tag.why})" for tag in tags))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("fit", "score", "shipped", "sample"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--by-date", action="store_true")
    arguments = parser.parse_args()
    with open_database(arguments.home / "tracker.db") as db:
        encoder = load_document_encoder(Embedding(), arguments.home / "models", offline=True)
        listed = load_listed(arguments.data, encoder, arguments.home)
        if arguments.what == "fit":
            write(fit(load_corpus(db, listed)))
        elif arguments.what == "score":
            splits = split_by_date(listed) if arguments.by_date else folds(listed.labels)
            score(load_corpus(db, listed), splits)
        elif arguments.what == "shipped":
            report_shipped(db, Tagger(encoder.encode, encoder.id.model), listed)
        else:
            sample(db, Tagger(encoder.encode, encoder.id.model))


if __name__ == "__main__":
    main()
