"""Reranking of the best results by a model, if `search.reranker` names one.

A cross-encoder reads query and paper together, one pair at a time. A late-interaction model has a
vector per token: those of papers are remembered, so that only the query is computed for papers that
were compared before. Either is given only the best results of retrieval. A cross-encoder that is a
plain BERT, or that has an exported graph in its folder, runs on OpenVINO; any other model on torch,
which no other part of a search loads.

Public: `Reranker`, `RERANK_COUNT`.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tracker.models import Hit
from tracker.search.encoder import openvino_export
from tracker.search.encoder.pair_model import open_pair_model

# How many hits are reranked, unless more are requested.
RERANK_COUNT = 100
# Papers whose vectors are remembered: 200 tokens of 128 components each take 100 MB.
_MOST_KNOWN = 2000
# Texts computed at a time: similar lengths are together, so that little is padding.
_BATCH = 16


class Reranker:
    """A loaded model; `model` is a folder or the id of a hub model.

    Raises ModelRefused if it is missing, cannot be loaded, or does not score texts.
    """

    def __init__(self, model: str, *, offline: bool) -> None:
        folder = Path(model).expanduser()
        if not folder.is_dir():
            folder = openvino_export.fetch_model(model, "", offline=offline)
        self._scorer = open_pair_model(folder) or _load_with_torch(model, folder)

    def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits, best first; the model's score is added to the reasons."""
        scores = self._scorer.score(query, [hit.paper.text for hit in hits]) if hits else []
        reranked = [
            replace(hit, score=round(score, 6), why=(*hit.why, f"reranker {score:.2f}"))
            for hit, score in zip(hits, scores, strict=True)
        ]
        return sorted(reranked, key=lambda hit: -hit.score)


def _load_with_torch(model: str, folder: Path) -> "_PairScorer | _TokenScorer":
    loaded = openvino_export.load_reranker(model, folder)
    # By what it can do: importing its class here would load torch with this module.
    return _PairScorer(loaded) if hasattr(loaded, "predict") else _TokenScorer(loaded)


class _PairScorer:
    """A cross-encoder, whose scores are 0 to 1."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return the score of each text."""
        pairs = [(query, text) for text in texts]
        scores = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False)
        return [float(score) for score in scores]


class _TokenScorer:
    """A late-interaction model.

    A score is the mean, over the tokens of the query, of the cosine to the nearest token of the
    text (Khattab and Zaharia, "ColBERT", SIGIR 2020, which sums them).
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._known: OrderedDict[str, Any] = OrderedDict()

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return the score of each text."""
        vectors = self._vectors(texts)
        tokens = self._model.encode_query([query], show_progress_bar=False)
        documents = [vectors[text].float() for text in texts]
        scores = self._model.similarity(tokens, documents, length_normalize=True)
        return [float(score) for score in scores[0]]

    def _vectors(self, texts: Sequence[str]) -> dict[str, Any]:
        """Return the vectors of each text, computed or remembered in half precision."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            computed = self._model.encode_document(
                missing, batch_size=_BATCH, show_progress_bar=False
            )
            halves = (rows.detach().cpu().half() for rows in computed)
            self._known.update(zip(missing, halves, strict=True))
        found = {text: self._known[text] for text in texts}
        for text in found:
            self._known.move_to_end(text)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return found
