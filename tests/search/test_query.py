"""The query language: everything can be typed, and everything that is understood is kept to."""

import sqlite3
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.errors import UsageError
from tracker.models import PaperId
from tracker.search.query import FIELDS, Query, normalised, parse
from tracker.store.cjk import bigrams
from tracker.store.expressions import Part, Term, Wanted, all_of, any_of, matching
from tracker.store.filters import Facets
from tracker.topics import names, taxonomy

TODAY = date(2026, 3, 10)
SYNONYMS = {"moe": ["mixture of experts"], "mixture of experts": ["MoE"], "rag": ["檢索增強生成"]}
WORKS = {
    1: ("Mixture-of-Experts routing", "We route tokens in GPT-4 and in C++.", "Ana de Souza"),
    2: ("A survey of pretraining", "MoE models are not our subject.", "Bo Example"),
    3: ("混合专家模型的路由", "用 GPT模型 与专家混合。", "张三"),
    4: ("Ten questions about Llama", "No letters: only words.", "Ann Souza, Dee Bo"),
}


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    """The two full-text tables as the store has them, with the works above."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE VIRTUAL TABLE works_fts USING fts5"
        " (title, abstract, byline, tokenize = 'porter unicode61');"
        "CREATE VIRTUAL TABLE works_fts_cjk USING fts5"
        " (title, abstract, byline, summary, tokenize = 'unicode61');"
    )
    for number, texts in WORKS.items():
        connection.execute(
            "INSERT INTO works_fts (rowid, title, abstract, byline) VALUES (?, ?, ?, ?)",
            [number, *texts],
        )
    connection.execute(
        "INSERT INTO works_fts_cjk (rowid, title, abstract, byline) VALUES (3, ?, ?, ?)",
        list(map(bigrams, WORKS[3])),
    )
    yield connection
    connection.close()


def read(text: str, last_digest: date | None = date(2026, 3, 6)) -> Query:
    return parse(text, today=TODAY, last_digest=last_digest, topics=names.topics())


def matches(db: sqlite3.Connection, by_table: dict[str, str]) -> list[set[int]]:
    return [
        {n for (n,) in db.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH ?", [expression])}
        for table, expression in by_table.items()
    ]


def found(db: sqlite3.Connection, text: str) -> set[int]:
    """The works that the words of a query let pass."""
    match = matching(read(text).wanted, SYNONYMS)
    kept = set[int]().union(*matches(db, any_of(match.ranked))) if match.ranked else set(WORKS)
    for required in matches(db, all_of(match.required)):
        kept &= required
    return kept.difference(*matches(db, any_of(match.excluded)))


# ------------------------------------------------------------------------------------ free text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mixture of experts", ("mixture", "of", "experts")),
        ("moe AND NOT dense OR NEAR", ("moe", "AND", "NOT", "dense", "OR", "NEAR")),
        ("BERT: a study", ("BERT", "a", "study")),
        ("http://example.org/a 12:30", ("http", "example.org", "a", "12", "30")),
        ("title: a paste", ("title", "a", "paste")),
        ("C++, GPT-4 (or Llama-3.1)", ("C++", "GPT-4", "or", "Llama-3.1")),
        ("- -- --flag a-b c- d", ("flag", "a-b", "c", "d")),
        ('foo" * ^ {', ("foo",)),
        ("so so", ("so",)),
        ("ſince:2026", ("ſince", "2026")),
    ],
)
def test_free_text_is_its_words(text: str, words: tuple[str, ...]) -> None:
    assert read(text).wanted == Wanted(words)


@pytest.mark.parametrize("quotes", ['""', "“”", "„“", "«»", "「」", "『』", "＂＂", '"'])
def test_quotation_marks_of_any_kind_make_a_phrase(quotes: str) -> None:
    query = read(f"routing {quotes[0]}sparse experts{quotes[1:]}")
    assert query.wanted == Wanted(("routing",), required=(Term("sparse experts", exact=True),))
    assert query.text == "routing sparse experts"


def test_a_hyphen_of_any_kind_excludes_and_joins() -> None:
    for hyphen in "-‐‑–−－":
        query = read(f"GPT{hyphen}4 {hyphen}survey")
        assert query.wanted == Wanted(("GPT-4",), excluded=(Term("survey"),))
        assert query.text == "GPT-4"


def test_an_operator_stands_at_the_start_of_a_word() -> None:
    assert read("“chain-of-thought”-style").wanted.excluded == ()
    assert read("(title:moe").wanted.required == ()
    assert read("混合“专家”title:x").wanted.required == (Term("专家", exact=True),)


def test_what_cannot_be_seen_is_dropped() -> None:
    assert normalised("mo\x00e\u202e \ud800x\u00ad\n y") == "moe x y"
    assert read("ｃａｔ：ｃｓ．ＣＬ").only.categories == ("cs.CL",)


def test_no_more_than_64_terms_of_a_kind_are_used() -> None:
    query = read(" ".join(f'w{n} "p{n}" -x{n}' for n in range(1000)))
    assert {len(query.wanted.words), len(query.wanted.required), len(query.wanted.excluded)} == {64}
    assert read(" ".join(map(str, range(1000))) + " cat:cs.CL").only.categories == ("cs.CL",)


# -------------------------------------------------------------------------------------- fields


def test_fields_of_text_and_exclusions() -> None:
    query = read('Title:GPT-4 abs:"sparse experts" author:"de Souza" -"not this" -title:survey')
    assert query.wanted.required == (
        Term("GPT-4", "title"),
        Term("sparse experts", "abs", exact=True),
        Term("de Souza", "author", exact=True),
    )
    assert query.wanted.excluded == (Term("not this", exact=True), Term("survey", "title"))
    assert query.text == ""


@pytest.mark.parametrize(
    ("parts", "facets"),
    [
        (["cat:CS.cl", "cat:hep-TH", "CAT:Physics.Soc-Ph"],
         Facets(categories=("cs.CL", "hep-th", "physics.soc-ph"))),
        (["cat:cs", "cat:cs"], Facets(categories=("cs",))),
        (["topic:MoE", "topic:“mixture of experts”", "topic:混合專家"], Facets(topics=("moe",))),
        (["topic:small-models", "topic:检索增强生成"], Facets(topics=("small-models", "rag"))),
        (["venue:ACL", 'venue:"Findings of ACL"'], Facets(venues=("acl", "findings of acl"))),
        (["id:arXiv:2403.01234v2", "id:https://arxiv.org/abs/math.GT/0309136"],
         Facets(ids=("2403.01234", "math/0309136"))),
        (["HAS:Code"], Facets(has=("code",))),
    ],
)  # fmt: skip
def test_filters_are_read_and_may_be_turned_round(parts: list[str], facets: Facets) -> None:
    assert read(" ".join(parts)) == Query(only=facets)
    assert read(" ".join(f"-{part}" for part in parts)) == Query(without=facets)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("after:2026", date(2026, 1, 1), None),
        ("after:2026-02", date(2026, 2, 1), None),
        ("after:2026-01-15", date(2026, 1, 15), None),
        ("after:7d", date(2026, 3, 3), None),
        ("before:2026-03", None, date(2026, 2, 28)),
        ("before:0d", None, date(2026, 3, 9)),
        ("since:last-digest", date(2026, 3, 7), None),
        ("since:2026-03-01 after:2026", date(2026, 3, 1), None),
        ("after:2026-01 before:2026-02", date(2026, 1, 1), date(2026, 1, 31)),
    ],
)
def test_days(text: str, since: date | None, until: date | None) -> None:
    assert read(text) == Query(since=since, until=until)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("after:yesterdayish", "2026-01-15"),
        ("before:2026-13", "2026-01-15"),
        ("before:0001", "2026-01-15"),
        ("after:99999999999d", "7d"),
        ("since:soon", "last-digest"),
        ("cat:machine_learning", "cat:cs.CL"),
        ("cat: cs.CL", "without a space"),
        ("topic:nope", "moe, agents, rag"),
        ("venue:*", "venue:acl"),
        ("id:12", "id:2403.01234"),
        ("has:fun", "has:code"),
        ('title:""', "title:example"),
        ("-after:2026", "before:"),
    ],
)
def test_a_filter_that_cannot_be_read_says_what_is_allowed(text: str, allowed: str) -> None:
    with pytest.raises(UsageError, match=r"\.$") as refused:
        read(f"experts {text}")
    assert allowed in str(refused.value)


def test_without_a_digest_there_is_nothing_since_it() -> None:
    with pytest.raises(UsageError, match="there is none yet"):
        read("since:last-digest", last_digest=None)


# --------------------------------------------------------------------------------- the map


def test_every_key_and_name_of_the_map_is_a_topic() -> None:
    for concept in taxonomy.load().values():
        for name in (concept.key, concept.name, concept.name_zh, names.simplified(concept.name_zh)):
            assert read(f'topic:"{name}"').only.topics == (concept.key,)


def test_the_names_of_the_map_in_simplified_characters() -> None:
    written = [names.simplified(concept.name_zh) for concept in taxonomy.load().values()]
    assert written == [
        "表示", "架构", "训练", "对齐", "推理部署", "安全", "应用", "混合专家", "智能体与工具使用",
        "检索增强生成", "多模态", "小模型", "对齐技术演进", "推理能力", "长上下文", "压缩与加速",
        "高效微调", "安全与隐私", "评测", "数据与预训练", "程式码模型", "可解释性",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "keys", "embedded"),
    [
        ("混合專家", ["moe"], "Mixture of Experts"),
        ("混合专家模型的路由", ["moe"], "Mixture of Experts 模型的路由"),
        ("检索增强生成 GPT", ["rag"], "Retrieval-augmented generation GPT"),
        ("评测", ["evaluation"], "Evaluation and benchmarks"),
        ("安全性", [], "安全性"),
        ("安全与隐私", ["safety-security"], "Safety, security and privacy"),
        ("mixture of experts", [], "mixture of experts"),
    ],
)
def test_a_chinese_name_is_searched_as_its_direction(
    text: str, keys: list[str], embedded: str
) -> None:
    query = read(text)
    assert [topic.key for topic in query.named] == keys
    assert query.text == embedded
    assert set(query.wanted.also) >= {taxonomy.load()[key].name for key in keys}


# ---------------------------------------------------------------------------- finding by words


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("routing", {1}),
        ("MoE", {1, 2}),  # as mixture of experts, too
        ("mixture of experts -title:routing", {2}),
        ('"MoE"', {2}),  # exactly so
        ('"mixture of experts"', {1}),
        ("survey llama", {2, 4}),
        ('survey "de Souza"', {1}),
        ("author:Souza", {1, 4}),
        ("author:souza -author:ana", {4}),
        ("title:MoE", {1}),
        ("abs:moe", {2}),
        ("GPT-4", {1}),
        ("pre-training", {2}),
        ("C++", {1}),
        ("-moe", {1, 3, 4}),
        ("-moe -title:survey -专家", {1, 4}),
        ("专家混合", {1, 2, 3}),  # names a direction
        ("路由", {3}),
        ("由", {3}),
        ("author:张", {3}),
        ("title:混合专家", {3}),
        ("title:专家混合", set()),
        ("abs:专家混合", {3}),
        ("“与专家混合”", {3}),
        ("“GPT模型”", {3}),
        ("GPT模型", {1, 3}),
        ("“专家，混合”", set()),
    ],
)
def test_what_the_words_find(text: str, numbers: set[int], db: sqlite3.Connection) -> None:
    assert found(db, text) == numbers


def test_what_counts_once_is_ranked_once() -> None:
    ranked = matching(Wanted(("MoE", "mixture-of-experts"), ("moe",)), SYNONYMS).ranked
    assert [part.label for part in ranked] == [
        "moe", "mixture", "of", "experts", "mixture-of-experts", "mixtureofexperts",
    ]  # fmt: skip


def test_filters_alone_rank_nothing() -> None:
    query = read("cat:cs.CL after:2026-03 -moe")
    match = matching(query.wanted, SYNONYMS)
    assert match.ranked == ()
    assert match.excluded == (Part("works_fts", '"moe"', "moe", "term"),)


# --------------------------------------------------------------------------------------- fuzz

SIGNS = st.sampled_from(
    [*(f"{field}:" for field in FIELDS), *'"“”「」-–+*^(){}:;\'%\\', "--", " ", "  ", "AND", "NOT",
     "NEAR(", "moe", "cs.CL", "code", "2026-01", "7d", "last-digest", "2403.01234", "混合專家",
     "専門家", "家", "가나", "🦙", "e\u0301", "\x00", "\ud800", "\u202e", "＂", "：", "id:id:", "_"]
)  # fmt: skip
QUERIES = st.lists(SIGNS | st.text(max_size=12), max_size=14).map("".join)
FUZZ = settings(
    max_examples=300, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip


def understood(text: str) -> Query | None:
    """The query, or None where a sentence is the answer."""
    try:
        return read(text)
    except UsageError as error:
        sentence = str(error)
    assert sentence.endswith(".")
    assert len(sentence) < 400
    return None


@given(text=QUERIES)
@FUZZ
def test_any_text_is_a_query_or_gets_a_sentence(text: str, db: sqlite3.Connection) -> None:
    query = understood(text)
    if query:
        for match in (matching(query.wanted, SYNONYMS), matching(query.wanted, {})):
            matches(db, any_of(match.ranked))
            matches(db, all_of(match.required))
            matches(db, any_of(match.excluded))
        assert all(PaperId.parse(key).key == key for key in query.only.ids)


@given(text=QUERIES)
@FUZZ
def test_what_is_embedded_holds_no_operator(text: str) -> None:
    query = understood(text)
    if query:
        again = read(query.text)
        assert again == Query(again.text, Wanted(again.wanted.words, again.wanted.also),
                              named=again.named)  # fmt: skip


@given(text=st.text() | QUERIES)
@FUZZ
def test_what_is_normal_stays_so(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
    normalised(text).encode()


@pytest.mark.parametrize(
    "text",
    ["x" * 10_000, "a-" * 5000, "moe " * 2500, "混" * 10_000, "混 " * 5000, '"a ' * 3000,
     '"' + "a " * 5000, "-a " * 3000, "title:a " * 1250, "title:" * 1600, "id:1 " * 2500],
)  # fmt: skip
def test_ten_thousand_characters_are_a_query(text: str, db: sqlite3.Connection) -> None:
    query = understood(text)
    assert (query is None) == text.startswith("id:")
    if query:
        found(db, text)
