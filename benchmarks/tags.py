"""Tags compared with seven reading lists: fit the shipped classifier, and cross-validate it.

    python benchmarks/tags.py score --home HOME    five folds, and the shipped tagger on all lists
    python benchmarks/tags.py fit   --home HOME    writes tracker/topics/classifier.json
    python benchmarks/tags.py sample --home HOME   papers of each direction, to be read by a person

HOME has the snapshot's papers of 2026 embedded with the bundled model. The lists contain only
papers on language models, so a classifier fitted to nothing else tags a study of fraud as safety;
and three lists are short. So it is also fitted to a few thousand papers of 2026: those that
phrases and prototype clearly put under a key, and those that they clearly do not.
"""

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.search.encoder.select import Encoder, load_document_encoder
from tracker.settings import Embedding
from tracker.store import papers, summaries_and_tags, vectors
from tracker.store.database import Database, open_database
from tracker.topics.classifier import Classifier, folded_terms
from tracker.topics.seed_phrases import SeedPhraseMatcher
from tracker.topics.tagging import Tagger, prototype_text
from tracker.topics.taxonomy import load_concepts

DATA = Path("../shared/data")
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
KEYS = tuple(LISTS.values())
# Inverse strength of the penalty; the power of the class ratio that weights rare lists; number of
# words selected by chi-square; the weight of an unlisted paper; the score of phrases and prototype
# from which it clearly is about a key, and the cosine below which it clearly is not, without
# phrases. Chosen on a coarse grid in cross-validation (docs/log.md).
_C, _RAISE, _WORDS, _REST_WEIGHT, _SURE, _FAR = 3.0, 0.75, 500, 0.3, 0.9, 0.42
_LEAST_PAPERS = 5
_EXAMPLES = 6


@dataclass(frozen=True, slots=True)
class Labelled:
    """Papers of the lists: ids, texts, unit rows (n, d), and which keys each has (n, keys)."""

    ids: list[str]
    pairs: list[tuple[str, str]]
    vectors: NDArray[np.float32]
    labels: NDArray[np.bool_]

    @property
    def texts(self) -> list[str]:
        return [f"{title}\n{abstract}" for title, abstract in self.pairs]


def labelled(data: Path, encoder: Encoder, home: Path) -> Labelled:
    """Return every paper on one of the seven lists; their vectors are cached in the home."""
    lines = gzip.decompress((data / "eval/topics/labelled.jsonl.gz").read_bytes()).splitlines()
    rows = [row for row in map(json.loads, lines) if set(row["lists"]) & set(LISTS)]
    keys = [{LISTS.get(name) for name in row["lists"]} for row in rows]
    pairs = [(row["title"], row["abstract"]) for row in rows]
    cache = home / "labelled.npy"
    if not cache.exists():
        np.save(cache, encoder.encode([f"{title}\n{abstract}" for title, abstract in pairs]))
    return Labelled(
        [row["arxiv_id"] for row in rows],
        pairs,
        np.load(cache),
        np.array([[key in of_paper for key in KEYS] for of_paper in keys]),
    )


@dataclass(frozen=True, slots=True)
class Rest:
    """Unlisted papers: which clearly are about each key (n, keys), and which clearly are not."""

    texts: list[str]
    vectors: NDArray[np.float32]
    surely: NDArray[np.bool_]
    surely_not: NDArray[np.bool_]


def rest(db: Database, encoder: Encoder, size: int = 6000) -> Rest:
    """Return a fixed sample of papers from January to March 2026."""
    works = np.array(vectors.embedded_works_between(db, 1, date(2026, 1, 1), date(2026, 3, 31)))
    drawn = np.random.default_rng(1).choice(works, size, replace=False).tolist()
    order, matrix = vectors.load_vectors(db, 1, drawn)
    found = papers.load_by_number(db, order.tolist())
    texts = [f"{paper.title}\n{paper.abstract}" for paper in found.values()]
    pairs = [(paper.title, paper.abstract) for paper in found.values()]
    # With the name of another model the tagger uses phrases and prototypes alone.
    tags = Tagger(encoder.encode, "none").tag(pairs, matrix)
    scores = [{tag.name: tag.score for tag in of_paper} for of_paper in tags]
    surely = np.array([[known.get(key, 0) >= _SURE for key in KEYS] for known in scores])
    phrases = SeedPhraseMatcher(load_concepts().values())
    found_phrases = [phrases.find(text) for text in texts]
    far = matrix @ encoder.encode([prototype_text(load_concepts()[key]) for key in KEYS]).T < _FAR
    without = np.array([[key not in keys for key in KEYS] for keys in found_phrases])
    return Rest(texts, matrix, surely, far & without)


def fit(seen: Labelled, rows: NDArray[np.int64], other: Rest) -> Classifier:
    """Return the classifier fitted to some rows of the labelled papers."""
    from sklearn.linear_model import LogisticRegression

    texts = [seen.texts[row] for row in rows]
    words, idf = _lexicon(texts, seen.labels[rows])
    empty = np.zeros((len(KEYS), 0), np.float32)
    head = Classifier(MODEL, KEYS, words, idf, empty, empty, *_examples(seen, rows))
    here = head.features(texts, seen.vectors[rows])
    there = head.features(other.texts, other.vectors)
    fitted = []
    for key in range(len(KEYS)):
        chosen = np.flatnonzero(other.surely_not[:, key] | other.surely[:, key])
        label = np.concatenate([seen.labels[rows, key], other.surely[chosen, key]])
        raised = (np.mean(~label) / np.mean(label)) ** _RAISE
        weight = np.where(label, raised, 1.0)
        weight[len(rows) :] *= _REST_WEIGHT
        model = LogisticRegression(C=_C, max_iter=500)
        fitted.append(model.fit(np.vstack([here, there[chosen]]), label, weight))
    weights = np.array([model.coef_[0] for model in fitted], np.float32)
    bias = np.array([model.intercept_[0] for model in fitted], np.float32)
    return Classifier(MODEL, KEYS, words, idf, weights, bias, *_examples(seen, rows))


def _lexicon(
    texts: Sequence[str], labels: NDArray[np.bool_]
) -> tuple[dict[str, int], NDArray[np.float32]]:
    """Return the words that depend most on some label, and their idf."""
    from sklearn.feature_selection import chi2

    terms = [folded_terms(text) for text in texts]
    count = Counter(word for words in terms for word in words)
    names = sorted(w for w, n in count.items() if _LEAST_PAPERS <= n <= len(texts) / 2)
    column = {name: n for n, name in enumerate(names)}
    matrix = np.zeros((len(texts), len(names)), np.float32)
    for row, words in enumerate(terms):
        matrix[row, [column[word] for word in words if word in column]] = 1
    strength = np.max([chi2(matrix, labels[:, key])[0] for key in range(len(KEYS))], axis=0)
    best = sorted(names[n] for n in np.argsort(-strength, kind="stable")[:_WORDS])
    idf = np.array([np.log(len(texts) / (1 + count[name])) for name in best], np.float32)
    return {name: n for n, name in enumerate(best)}, idf


def _examples(
    seen: Labelled, rows: NDArray[np.int64]
) -> tuple[dict[str, tuple[str, ...]], dict[str, NDArray[np.float32]]]:
    """Return a few papers of each list, each nearest to the centroid of one part of it."""
    from sklearn.cluster import KMeans

    ids, matrices = {}, {}
    for column, key in enumerate(KEYS):
        members = rows[seen.labels[rows, column]]
        groups = KMeans(_EXAMPLES, random_state=0, n_init=3).fit(seen.vectors[members])
        distances = groups.transform(seen.vectors[members])
        chosen = members[np.unique(distances.argmin(axis=0))]
        ids[key] = tuple(seen.ids[row] for row in chosen)
        matrices[key] = seen.vectors[chosen]
    return ids, matrices


def write(head: Classifier) -> None:
    """Write the classifier as JSON, numbers with three decimals."""
    content = {
        "model": head.model,
        "keys": head.keys,
        "words": list(head.vocabulary),
        "idf": np.round(head.idf.astype(float), 3).tolist(),
        "bias": np.round(head.bias.astype(float), 3).tolist(),
        "weights": np.round(head.weights.astype(float), 3).tolist(),
        "examples": {
            key: dict(zip(ids, np.round(head.example_vectors[key].astype(float), 3).tolist(),
                          strict=True))
            for key, ids in head.examples.items()
        },
    }  # fmt: skip
    TARGET.write_text(json.dumps(content, separators=(",", ":")) + "\n")


def folds(labels: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield rows to fit and rows to score, five times, with every list in every fold."""
    from sklearn.model_selection import StratifiedKFold

    return StratifiedKFold(5, shuffle=True, random_state=0).split(labels, labels.argmax(axis=1))


def report(name: str, probabilities: NDArray[np.float32], labels: NDArray[np.bool_]) -> None:
    """Print accuracy and macro-F1 of the first tag, and macro-F1 of all assigned tags."""
    from sklearn.metrics import f1_score

    first = probabilities.argmax(axis=1)
    right = labels[np.arange(len(labels)), first]
    # For a paper on two lists either is right.
    truth = np.where(right, first, labels.argmax(axis=1))
    scores = f1_score(labels, probabilities >= 0.5, average=None, zero_division=0)
    print(
        f"{name:28} first tag: accuracy {100 * right.mean():.1f}, macro-F1"
        f" {100 * f1_score(truth, first, average='macro'):.1f}; all tags: macro-F1"
        f" {100 * scores.mean():.1f}"
        f" ({', '.join(f'{k} {100 * f:.0f}' for k, f in zip(KEYS, scores, strict=True))})"
    )


def shipped(seen: Labelled, encoder: Encoder) -> NDArray[np.float32]:
    """Return the final scores of the shipped tagger (n, keys)."""
    tags = Tagger(encoder.encode, encoder.id.model).tag(seen.pairs, seen.vectors)
    scores = [{tag.name: tag.score for tag in of_paper} for of_paper in tags]
    return np.array([[by_key.get(key, 0.0) for key in KEYS] for by_key in scores], np.float32)


def score(seen: Labelled, other: Rest, encoder: Encoder) -> None:
    probabilities = np.zeros(seen.labels.shape, np.float32)
    for fitted, held_out in folds(seen.labels):
        texts = [seen.texts[row] for row in held_out]
        classifier = fit(seen, fitted, other)
        probabilities[held_out] = classifier.probabilities(texts, seen.vectors[held_out])
    report("cross-validated", probabilities, seen.labels)
    report("shipped, on its training set", shipped(seen, encoder), seen.labels)


def sample(db: Database, number: int = 20) -> None:
    """Print a random sample of March 2026 for each direction without a list."""
    start, end = date(2026, 3, 1), date(2026, 3, 31)
    tags, listed = (
        summaries_and_tags.tags_between(db, start, end),
        papers.announced_between(db, start, end),
    )
    rng = np.random.default_rng(5)
    for concept in load_concepts().values():
        if concept.kind == "direction" and concept.key not in KEYS:
            works = sorted(w for w, found in tags.items() if concept.key in {t.name for t in found})
            print(f"== {concept.key}: {len(works)}")
            for work in sorted(rng.choice(works, min(number, len(works)), replace=False).tolist()):
                tag = next(tag for tag in tags[work] if tag.name == concept.key)
                print(f"{listed[work].id} {tag.score:.2f} {listed[work].title} | {tag.why}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("fit", "score", "sample"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    with open_database(arguments.home / "tracker.db") as db:
        if arguments.what == "sample":
            sample(db)
            return
        encoder = load_document_encoder(Embedding(), arguments.home / "models", offline=True)
        seen, other = labelled(arguments.data, encoder, arguments.home), rest(db, encoder)
        if arguments.what == "fit":
            write(fit(seen, np.arange(len(seen.ids)), other))
        else:
            score(seen, other, encoder)


if __name__ == "__main__":
    main()
