"""Names of the taxonomy's dimensions and directions that a query can use.

Keys, English names and Chinese names in both scripts. The taxonomy has its Chinese names in
traditional characters; `to_simplified` covers the characters of these names and is not a general
conversion.

Public: `topics_by_name`, `to_simplified`.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from tracker.search.query.filter_terms import Topic
from tracker.store.fts_query import normalize_text
from tracker.topics.taxonomy import Concept, load_concepts

_SIMPLIFIED = str.maketrans(
    "構訓練對齊應專體與檢強態術進長壓縮調隱評測數據預碼釋",
    "构训练对齐应专体与检强态术进长压缩调隐评测数据预码释",
)
# Alternative names: in another word order, shortened, or as used in mainland China.
_ALTERNATIVES = {"moe": ("專家混合",), "rag": ("檢索增強",), "code": ("代碼模型",)}


def to_simplified(name: str) -> str:
    """Return a Chinese name of the taxonomy in simplified characters."""
    return name.translate(_SIMPLIFIED)


def topics_by_name(concepts: Mapping[str, Concept] | None = None) -> Mapping[str, Topic]:
    """Return the topic of every folded name; full names take precedence over partial ones."""
    return _build_topics_by_name(
        tuple((load_concepts() if concepts is None else concepts).values())
    )


@cache
def _build_topics_by_name(concepts: tuple[Concept, ...]) -> Mapping[str, Topic]:
    found: dict[str, Topic] = {}
    for names in (_full_names, _partial_names):
        for concept in concepts:
            topic = Topic(concept.key, concept.name, (concept.name, *concept.seeds))
            for name in names(concept):
                found.setdefault(normalize_text(name), topic)
                found.setdefault(normalize_text(to_simplified(name)), topic)
    return found


def _full_names(concept: Concept) -> Iterator[str]:
    yield from (concept.key, concept.name, concept.name_zh)


def _partial_names(concept: Concept) -> Iterator[str]:
    """Yield each half of a name such as "智能體與工具使用", and the alternative names."""
    yield from concept.name_zh.split("與")
    yield from _ALTERNATIVES.get(concept.key, ())
