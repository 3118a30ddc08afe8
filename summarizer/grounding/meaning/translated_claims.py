"""Whether a Chinese sentence turns round what the English one says: a direction, or the sides.

Numbers, names and terms may all be there although "halves" became "doubles", or the winner the
loser. What is not clearly the same is not shown in Chinese.

Public surface: ``turns_round``.
"""

import re

_DIRECTIONS = (
    (
        re.compile(
            "翻倍|翻番|加倍|倍增|成倍|提高|提升|增加|增长|增長|增大|上升|加快|加速|扩大|擴大"
        ),
        re.compile(
            r"improv|increas|rais|ris[ei]|boost|gain|higher|more|faster|better|enhanc|doubl|tripl|"
            r"outperform|grow|accelerat|speed|expand|surpass|exceed|larger|strengthen|scal|\dx|times",
            re.I,
        ),
    ),
    (
        re.compile(
            "减半|減半|减少|減少|降低|下降|缩短|縮短|削减|削減|减小|減小|减缓|減緩|恶化|惡化"
        ),
        re.compile(
            r"reduc|halv|half|lower|decreas|cut|sav|fewer|less|shrink|drop|short|small|cheap|"
            r"compress|mitigat|alleviat|minimi|declin|degrad|worse|slow|hurt|remov|lighten|without",
            re.I,
        ),
    ),
)
_DOUBLE = re.compile("翻倍|翻番|加倍|倍增|[两兩二]倍")
_ENGLISH_DOUBLE = re.compile(r"doubl|twice|two times|\b2 ?[x\u00d7]|two-?fold|100 ?%", re.I)
_HALF = re.compile("减半|減半|一半")
_ENGLISH_HALF = re.compile(r"hal[vf]|50 ?%|0\.5", re.I)
_FRACTION = re.compile("(?<!百)([二三四五六七八九十])分之([一二三四五六七八九])")
_ENGLISH_FRACTION = {
    "二": r"hal[vf]|50 ?%", "三": r"third|33|66|67", "四": r"quarter|fourth|25|75",
    "五": r"fifth|20|40|60|80",
}  # fmt: skip
_SPAN = re.compile(
    r"[从從由自]\s*(?:约|約)?(\d[\d.,]*)[^\d]{0,12}[到至为為]\s*(?:约|約)?(\d[\d.,]*)"
)
_ENGLISH_SPAN = re.compile(r"\bfrom\D{0,20}(\d[\d.,]*)\D{0,30}\bto\D{0,20}(\d[\d.,]*)", re.I)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.+_-]*[A-Za-z0-9+]")
_BEATS = (
    "优于|優於|超过|超過|胜过|勝過|超越|领先|領先|高于|高於|好于|好於|快于|快於|击败|擊敗|强于|強於"
)
_LOSER = re.compile(rf"(?:{_BEATS}|比|相比于?|相較於?|相较于?)\s*(?:了)?\s*({_NAME.pattern})")
_COMPARED = re.compile("比|相较|相較|对于|對於|针对|針對|基于|基於|在|与|與|和")
_ENGLISH_COMPARISON = re.compile(
    r"\b(?:over|than|against|versus|vs|outperform\w*|beat\w*|surpass\w*|exceed\w*|compared)\b", re.I
)


def turns_round(chinese: str, english: str) -> bool:
    """Whether a Chinese sentence has another direction or another subject than the English one."""
    return (
        any(up.search(chinese) and not known.search(english) for up, known in _DIRECTIONS)
        or _changes_amount(chinese, english)
        or _swaps_sides(chinese, english)
        or _swaps_ends(chinese, english)
    )


def _changes_amount(chinese: str, english: str) -> bool:
    """Whether a Chinese sentence doubles, halves or divides what the English one does not."""
    pairs = ((_DOUBLE, _ENGLISH_DOUBLE), (_HALF, _ENGLISH_HALF))
    return any(one.search(chinese) and not other.search(english) for one, other in pairs) or any(
        _is_new_fraction(of, english) for of, _ in _FRACTION.findall(chinese)
    )


def _is_new_fraction(denominator: str, english: str) -> bool:
    known = _ENGLISH_FRACTION.get(denominator)
    return known is None or re.search(known, english, re.I) is None


def _swaps_sides(chinese: str, english: str) -> bool:
    """Whether the winner of the English comparison loses, or another name is the subject."""
    if not _ENGLISH_COMPARISON.search(english):
        return False
    names = [n for n in _NAME.findall(english) if n != n.lower() and n in chinese]
    found = [name for name in _NAME.findall(chinese) if name in names]
    if len(set(names)) < 2 or not found:
        return False
    if names[0] in _LOSER.findall(chinese):
        return True
    return found[0] != names[0] and not _COMPARED.search(chinese[: chinese.index(found[0])])


def _swaps_ends(chinese: str, english: str) -> bool:
    """Whether "from A to B" has become "from B to A"."""
    spans = [(a.rstrip(".,"), b.rstrip(".,")) for a, b in _ENGLISH_SPAN.findall(english)]
    return any((b.rstrip(".,"), a.rstrip(".,")) in spans for a, b in _SPAN.findall(chinese))
