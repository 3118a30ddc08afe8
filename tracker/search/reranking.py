"""Reranking of the best results by a cross-encoder, if `search.reranker` names one.

A cross-encoder reads query and paper together, one pair at a time, so it is given only the best
results of retrieval. It runs on torch, which no other part of a search loads.

Public: `Reranker`, `RERANK_COUNT`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tracker.models import Hit
from tracker.search.encoder import openvino_export

# How many hits are reranked, unless more are requested.
RERANK_COUNT = 50


class Reranker:
    """A loaded cross-encoder; `model` is a folder or the id of a hub model.

    Raises ModelRefused if it is missing, cannot be loaded, or is not a cross-encoder.
    """

    def __init__(self, model: str, *, offline: bool) -> None:
        folder = Path(model).expanduser()
        if not folder.is_dir():
            folder = openvino_export.fetch_model(model, "", offline=offline)
        self._model = openvino_export.load_cross_encoder(model, folder)

    def rerank(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits, best first; the model's score, 0 to 1, is added to the reasons."""
        pairs = [(query, hit.paper.text) for hit in hits]
        scores = self._model.predict(pairs, show_progress_bar=False).tolist() if pairs else []
        reranked = [
            replace(hit, score=round(score, 6), why=(*hit.why, f"reranker {score:.2f}"))
            for hit, score in zip(hits, scores, strict=True)
        ]
        return sorted(reranked, key=lambda hit: -hit.score)
