"""Fitting the shipped classifier of the tags to labelled papers (`tag_corpus`).

The model of a key is a logistic regression on all labels. For a key that has a list it is the mean
of that and, at a small weight, of one fitted to the lists as they are, which knows under which of
two subjects a list files a paper. The scores are calibrated on the papers labelled by hand, each
scored by a model fitted without it (four folds).

Public: `prepare`, `build_features`, `fit_averaged`, `fit`, `write`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from tag_corpus import KEYS, LISTED, LISTED_COLUMNS, Corpus, Group, Labels, complete_labels
from weak_tags import weak_labels

from tracker.topics.classifier import (
    LINEAR_PARTS,
    SCALE,
    VECTOR_WEIGHT,
    Classifier,
    Lexicon,
    LinearModel,
    folded_terms,
)
from tracker.topics.seed_phrases import SeedPhraseMatcher
from tracker.topics.taxonomy import load_concepts

_TARGET = Path("tracker/topics/classifier.json")
_MODEL = "all-MiniLM-L6-v2"
# Inverse strength of the penalty, and the power of the class ratio that weights rare keys.
_C, _RAISE = 3.0, 0.5
# The same for the model fitted to the lists alone, and its weight in the mean.
_LISTED_C, _LISTED_RAISE, _LISTED_SHARE = 5.0, 1.0, 0.25
# Weights of a label by hand, and of a weak one; a list counts 1.
_BY_HAND, _WEAK = 2.0, 0.05
# Terms of texts and of titles that are features, and the least number of papers that have one.
_WORDS, _TITLE_WORDS, _LEAST_PAPERS = 4000, 800, 5
_FOLDS = 4
# The factor that calibrates the logits: the labels by hand determine it poorly for one key.
_SLOPE = 1.2
# The calibrated logit from which on a tag is given: the probability 0.7. Of the tags on 200 papers
# of March that were read first, thresholds of 0.95 precision per key had 69 % recall, this has 75 %
# at the same precision (91 % of the clear cases), and the probability 0.6 loses two points of it.
_THRESHOLD = 0.85
_EXAMPLES = 6


@dataclass(frozen=True, slots=True)
class Training:
    """Features (n, d + terms), labels and weights (n, keys), and the rows labelled by hand.

    `as_listed` are the labels of the first rows, the papers on lists, as the lists have them.
    """

    lexicon: Lexicon
    features: sparse.csr_matrix
    labels: Labels
    weights: NDArray[np.float64]
    by_hand: slice
    as_listed: Labels


def prepare(corpus: Corpus) -> Training:
    """Return the features, labels and weights of all papers of a corpus."""
    listed, hand, weak = corpus.listed, corpus.by_hand, corpus.weak
    complete, end = complete_labels(listed), len(listed.ids) + len(hand.ids)
    has_list = np.isin(np.arange(len(KEYS)), LISTED_COLUMNS)
    on_lists = np.where(has_list, complete, weak_labels(listed.pairs))
    labels = np.vstack([on_lists, hand.labels, weak.labels])
    weights = np.full(labels.shape, _WEAK)
    weights[: len(listed.ids), LISTED_COLUMNS] = 1
    weights[len(listed.ids) : end] = _BY_HAND
    pairs = [*listed.pairs, *hand.pairs, *weak.pairs]
    lexicon = choose_lexicon(pairs, labels)
    features = build_features(
        lexicon, pairs, np.vstack([listed.vectors, hand.vectors, weak.vectors])
    )
    by_hand = slice(len(listed.ids), end)
    return Training(lexicon, features, labels, weights, by_hand, listed.labels)


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
        np.zeros(len(fitted), np.float32),
    )


def fit_averaged(
    training: Training,
    features: sparse.csr_matrix,
    weights: NDArray[np.float64],
    columns: Sequence[int] = range(len(KEYS)),
) -> LinearModel:
    """Return a model of the keys in `columns`, not calibrated and without thresholds."""
    model = fit_linear(features, training.labels, weights, columns)
    as_listed = training.as_listed
    on_lists = fit_linear(
        features[: len(as_listed)], as_listed, np.ones(as_listed.shape), LISTED_COLUMNS,
        c=_LISTED_C, power=_LISTED_RAISE,
    )  # fmt: skip
    rows, share = [list(columns).index(column) for column in LISTED_COLUMNS], _LISTED_SHARE
    model.weights[rows] = (1 - share) * model.weights[rows] + share * on_lists.weights
    model.bias[rows] = (1 - share) * model.bias[rows] + share * on_lists.bias
    return model


def fit_calibrated(training: Training, features: sparse.csr_matrix) -> LinearModel:
    """Return the calibrated model, fitted to everything, with thresholds."""
    hand = training.labels[training.by_hand]
    logits = _SLOPE * _held_out_logits(training, features)
    shifts = np.array([_calibrating_shift(logits[:, n], hand[:, n]) for n in range(len(KEYS))])
    logits += shifts
    thresholds = np.full(len(KEYS), _THRESHOLD)
    _report_by_hand(logits - thresholds, hand, thresholds)
    model = fit_averaged(training, features, training.weights)
    fitted = (_SLOPE * model.weights, _SLOPE * model.bias + shifts, thresholds)
    return LinearModel(*(part.astype(np.float32) for part in fitted))


def _held_out_logits(training: Training, features: sparse.csr_matrix) -> NDArray[np.float64]:
    """Return the logits (n, keys) of the papers labelled by hand, each by a model without it."""
    rows = features[training.by_hand]
    logits = np.zeros((rows.shape[0], len(KEYS)))
    fold = np.random.default_rng(0).integers(0, _FOLDS, len(logits))
    for held_out in range(_FOLDS):
        weights = training.weights.copy()
        weights[training.by_hand][fold == held_out] = 0
        model = fit_averaged(training, features, weights)
        logits[fold == held_out] = rows[fold == held_out] @ model.weights.T + model.bias
    return logits


def _calibrating_shift(logits: NDArray[np.float64], labels: Labels) -> float:
    """Return what to add to logits so that the probabilities sum up to the positive labels."""
    from scipy.optimize import brentq

    known, positive = logits[labels >= 0], np.sum(labels == 1)
    return float(brentq(lambda b: np.sum(1 / (1 + np.exp(-known - b))) - positive, -20, 20))


def _report_by_hand(
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
    combined = fit_calibrated(training, training.features)
    lexical_features = training.features[:, -training.lexicon.size :]
    lexical = fit_calibrated(training, lexical_features)
    return Classifier(_MODEL, KEYS, training.lexicon, combined, lexical, *_examples(corpus.listed))


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
    _TARGET.write_text(json.dumps(content, separators=(",", ":")) + "\n")


def _linear(model: LinearModel) -> dict[str, list[int]]:
    return {part: _integers(getattr(model, part)) for part in LINEAR_PARTS}


def _integers(numbers: NDArray[np.float32]) -> list[int]:
    found: list[int] = np.round(numbers.astype(float) * SCALE).astype(int).tolist()
    return found
