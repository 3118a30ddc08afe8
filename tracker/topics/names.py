"""The names that the map's dimensions and directions go by in a query.

Keys, English names and Chinese names in both scripts. The map has its Chinese names in traditional
characters; `simplified` covers the characters of these names and is no general conversion.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from tracker.search.facets import Topic
from tracker.store.expressions import folded
from tracker.topics.taxonomy import Concept, load

_SIMPLIFIED = str.maketrans(
    "構訓練對齊應專體與檢強態術進長壓縮調隱評測數據預碼釋",
    "构训练对齐应专体与检强态术进长压缩调隐评测数据预码释",
)
# How else it is said: the words in another order, cut short, or as on the mainland.
_ALSO = {"moe": ("專家混合",), "rag": ("檢索增強",), "code": ("代碼模型",)}


def simplified(name: str) -> str:
    """A Chinese name of the map in simplified characters."""
    return name.translate(_SIMPLIFIED)


def topics(concepts: Mapping[str, Concept] | None = None) -> Mapping[str, Topic]:
    """What every name, folded, stands for; whole names come before the parts of compound ones."""
    return _named(tuple((load() if concepts is None else concepts).values()))


@cache
def _named(concepts: tuple[Concept, ...]) -> Mapping[str, Topic]:
    found: dict[str, Topic] = {}
    for names in (_whole, _parts):
        for concept in concepts:
            topic = Topic(concept.key, concept.name, (concept.name, *concept.seeds))
            for name in names(concept):
                found.setdefault(folded(name), topic)
                found.setdefault(folded(simplified(name)), topic)
    return found


def _whole(concept: Concept) -> Iterator[str]:
    yield from (concept.key, concept.name, concept.name_zh)


def _parts(concept: Concept) -> Iterator[str]:
    """Of "智能體與工具使用" each half, and other ways to say it."""
    yield from concept.name_zh.split("與")
    yield from _ALSO.get(concept.key, ())
