"""The best results ordered anew by a cross-encoder, for those who set one: `search.reranker`.

It reads query and paper together, one pair at a time, so it sees only the best that retrieval
found. It runs on torch, which nothing else in a search loads.

Surface: `Reranker`, `RERANKED`.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tracker.models import Hit
from tracker.search import export

# Hits that are read, unless more are asked for.
RERANKED = 50


class Reranker:
    """A cross-encoder, loaded. `model` is a folder or the id of a hub model.

    Raises ModelRefused when it is missing, cannot be loaded, or is no cross-encoder.
    """

    def __init__(self, model: str, *, offline: bool) -> None:
        folder = Path(model).expanduser()
        if not folder.is_dir():
            folder = export.fetch(model, "", offline=offline)
        self._model = export.cross_encoder(model, folder)

    def ordered(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits, best first; the score is the model's, from 0 to 1, and is told as a reason."""
        pairs = [(query, hit.paper.text) for hit in hits]
        scores = self._model.predict(pairs, show_progress_bar=False).tolist() if pairs else []
        judged = [
            replace(hit, score=round(score, 6), why=(*hit.why, f"reranker {score:.2f}"))
            for hit, score in zip(hits, scores, strict=True)
        ]
        return sorted(judged, key=lambda hit: -hit.score)
