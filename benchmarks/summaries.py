"""Train and score the extractive summariser on SciTLDR (Cachola et al., 2020).

    python benchmarks/summaries.py train     cross-validates, then writes the weights of the package
    python benchmarks/summaries.py score     ROUGE of the shipped weights on the dev part

Both read ``train.jsonl.gz`` and ``dev.jsonl.gz`` under ``--data``. Needs ``scikit-learn`` and
``rouge-score``; neither is needed by the package. ROUGE is that of ``rouge-score`` with its
stemmer, F1, the best over the references of a paper.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from rouge_score import rouge_scorer, tokenizers
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from summarizer import summarize
from summarizer.extractive.candidates import Candidate, list_candidates
from summarizer.extractive.features import (
    CANDIDATE_FEATURES,
    WORD_FEATURES,
    TokenizedPaper,
    candidate_features,
    tokenize_paper,
    word_features,
)
from summarizer.extractive.scoring import word_probabilities, work_name
from summarizer.extractive.tighten import tighten_sentence
from summarizer.extractive.weights import PATH, Weights, load_weights
from summarizer.text.sentences import split_sentences, to_plain_text

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "eval" / "scitldr"
MIN_PAPERS = 30  # a stem in fewer training abstracts has no individual weight
WORD_C = 0.1
RIDGE_ALPHA = 30.0
FOLDS = 5


@dataclass(frozen=True)
class Example:
    """One paper with the data both models are fitted to."""

    document: TokenizedPaper
    options: list[Candidate]
    gains: np.ndarray  # (options,) ROUGE-1 F1 of each option
    used: frozenset[str]  # stems of the references


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("train", "score"))
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    if arguments.command == "train":
        train(load(arguments.data / "train.jsonl.gz"))
    else:
        score(load(arguments.data / "dev.jsonl.gz"))


def load(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def tokenizer() -> Any:
    return tokenizers.DefaultTokenizer(use_stemmer=True)


@cache
def stems(text: str) -> list[str]:
    return list(tokenizer().tokenize(text))


def rouge1(text: str, references: list[str]) -> float:
    """Return ROUGE-1 F1, best over ``references``; equal to ``rouge-score``'s, but faster."""
    own = Counter(stems(text))
    best = 0.0
    for reference in references:
        other = Counter(stems(reference))
        overlap = (own & other).total()
        best = max(best, 2 * overlap / max(1, own.total() + other.total()))
    return best


def example(row: dict[str, Any]) -> Example:
    found = split_sentences(to_plain_text(" ".join(row["source"])))
    title = to_plain_text(row["title"])
    tightened = [tighten_sentence(sentence) for sentence in found]
    options = list_candidates(tightened, work_name(title))
    gains = np.array([rouge1(option.text, row["target"]) for option in options])
    used = tokenize_paper("", row["target"]).sentences
    return Example(
        tokenize_paper(title, found),
        options,
        gains,
        frozenset(word for words in used for word in words),
    )


def common_stems(examples: list[Example]) -> dict[str, float]:
    papers = Counter(word for e in examples for word in e.document.spread)
    return {word: 0.0 for word, count in papers.items() if count >= MIN_PAPERS}


def fit_words(examples: list[Example]) -> Weights:
    """Fit the logistic regression: does a person use this word of the abstract in one line?"""
    from scipy.sparse import csr_matrix, hstack

    common = common_stems(examples)
    column = {word: i for i, word in enumerate(common)}
    rows, cells, labels = [], [], []
    for e in examples:
        for word, numbers in word_features(e.document, common).items():
            if word in column:
                cells.append((len(rows), column[word]))
            rows.append(numbers)
            labels.append(word in e.used)
    indices = np.array(cells).T
    identity = csr_matrix((np.ones(len(cells)), indices), shape=(len(rows), len(column)))
    design = hstack([csr_matrix(np.array(rows, dtype=float)), identity]).tocsr()
    model = LogisticRegression(C=WORD_C, max_iter=500).fit(design, labels)
    coefficients = model.coef_[0]
    return Weights(
        word_bias=float(model.intercept_[0]),
        word=dict(zip(WORD_FEATURES, map(float, coefficients), strict=False)),
        stems={w: float(coefficients[len(WORD_FEATURES) + i]) for w, i in column.items()},
        candidate=dict.fromkeys(CANDIDATE_FEATURES, 0.0),
    )


def design(e: Example, weights: Weights) -> np.ndarray:
    """Return the design matrix (options, features) of one paper."""
    probabilities = word_probabilities(e.document, weights)
    rows = [candidate_features(e.document, option, probabilities) for option in e.options]
    return np.array(rows, dtype=float).reshape(len(rows), len(CANDIDATE_FEATURES))


def held_out_designs(examples: list[Example], seed: int) -> list[np.ndarray]:
    """Return the design of every paper with word probabilities learned on other papers."""
    designs: list[np.ndarray] = [np.empty(0)] * len(examples)
    for fitted, held_out in KFold(FOLDS, shuffle=True, random_state=seed).split(examples):
        weights = fit_words([examples[i] for i in fitted])
        for i in held_out:
            designs[i] = design(examples[i], weights)
    return designs


def fit_ranker(designs: list[np.ndarray], examples: list[Example]) -> np.ndarray:
    """Fit ROUGE-1 by ridge regression and return raw-scale coefficients (features,)."""
    matrix, gains = np.vstack(designs), np.concatenate([e.gains for e in examples])
    scale = StandardScaler().fit(matrix)
    model = Ridge(RIDGE_ALPHA).fit(scale.transform(matrix), gains)
    return np.asarray(model.coef_ / scale.scale_)


def cross_validate(examples: list[Example], designs: list[np.ndarray], seed: int) -> float:
    """Return the mean ROUGE-1 of the chosen candidate on papers the ranker was not fitted to."""
    chosen = []
    for fitted, held_out in KFold(FOLDS, shuffle=True, random_state=seed).split(examples):
        model = fit_ranker([designs[i] for i in fitted], [examples[i] for i in fitted])
        for i in held_out:
            if len(designs[i]):
                chosen.append(examples[i].gains[int(np.argmax(designs[i] @ model))])
    return float(np.mean(chosen))


def train(rows: list[dict[str, Any]]) -> None:
    examples = [e for e in map(example, rows) if e.options]
    designs = held_out_designs(examples, seed=0)
    folds = [cross_validate(examples, designs, seed) for seed in (1, 2, 3)]
    oracle = np.mean([e.gains.max() for e in examples])
    print(f"{len(examples)} papers, best candidate {oracle:.4f}")
    print(f"cross-validated ROUGE-1: {' '.join(f'{fold:.4f}' for fold in folds)}")
    ranker = fit_ranker(designs, examples)
    weights = replace(
        fit_words(examples),
        rubric_bias=load_weights().rubric_bias,
        rubric=load_weights().rubric,
        candidate=dict(zip(CANDIDATE_FEATURES, map(float, ranker), strict=True)),
    )
    weights.save(PATH)
    print(f"wrote {PATH}")


def score(rows: list[dict[str, Any]]) -> None:
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
    started = time.process_time()
    lines = [summarize(row["title"], " ".join(row["source"])).tldr for row in rows]
    seconds = time.process_time() - started
    best = [best_scores(scorer, line, row["target"]) for line, row in zip(lines, rows, strict=True)]
    means = 100 * np.mean(best, axis=0)
    print("papers  ROUGE-1  ROUGE-2  ROUGE-L  words  papers/s")
    words = np.mean([len(line.split()) for line in lines])
    print(
        f"{len(rows):6d}  {means[0]:7.2f}  {means[1]:7.2f}  {means[2]:7.2f}  {words:5.1f}"
        f"  {len(rows) / seconds:8.0f}"
    )


def best_scores(scorer: Any, line: str, references: list[str]) -> list[float]:
    """Return F1 of ROUGE-1, ROUGE-2 and ROUGE-L, each the best over the references."""
    scores = [scorer.score(reference, line) for reference in references]
    return [max(s[name].fmeasure for s in scores) for name in ("rouge1", "rouge2", "rougeL")]


if __name__ == "__main__":
    main()
