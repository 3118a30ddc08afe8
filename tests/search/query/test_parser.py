"""The query language: any text is a query, and every filter in it is applied."""

import sqlite3
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.errors import UsageError
from tracker.models import PaperId
from tracker.search.query.parser import FIELDS, Query, normalize_query, parse
from tracker.store.cjk import split_into_bigrams
from tracker.store.fts_query import MatchClause, QueryTerms, Term, all_of, any_of, build_query
from tracker.store.paper_filters import Facets
from tracker.topics import taxonomy, topic_names

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
        list(map(split_into_bigrams, WORKS[3])),
    )
    yield connection
    connection.close()


def read(text: str, last_digest: date | None = date(2026, 3, 6)) -> Query:
    return parse(text, today=TODAY, last_digest=last_digest, topics=topic_names.topics_by_name())


def matches(db: sqlite3.Connection, by_table: dict[str, str]) -> list[set[int]]:
    return [
        {n for (n,) in db.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH ?", [expression])}
        for table, expression in by_table.items()
    ]


def found(db: sqlite3.Connection, text: str) -> set[int]:
    """Return the works that match the words of a query."""
    match = build_query(read(text).wanted, SYNONYMS)
    passing = set[int]().union(*matches(db, any_of(match.ranked))) if match.ranked else set(WORKS)
    for required in matches(db, all_of(match.required)):
        passing &= required
    return passing.difference(*matches(db, any_of(match.excluded)))


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
    assert read(text).wanted == QueryTerms(words)


@pytest.mark.parametrize("quotes", ['""', "“”", "„“", "«»", "「」", "『』", "＂＂", '"'])
def test_quotation_marks_of_any_kind_make_a_phrase(quotes: str) -> None:
    query = read(f"routing {quotes[0]}sparse experts{quotes[1:]}")
    assert query.wanted == QueryTerms(("routing",), required=(Term("sparse experts", exact=True),))
    assert query.text == "routing sparse experts"


def test_a_hyphen_of_any_kind_excludes_and_joins() -> None:
    for hyphen in "-‐‑–−－":
        query = read(f"GPT{hyphen}4 {hyphen}survey")
        assert query.wanted == QueryTerms(("GPT-4",), excluded=(Term("survey"),))
        assert query.text == "GPT-4"


def test_operators_count_only_at_the_start_of_a_word() -> None:
    assert read("“chain-of-thought”-style").wanted.excluded == ()
    assert read("(title:moe").wanted.required == ()
    assert read("混合“专家”title:x").wanted.required == (Term("专家", exact=True),)


def test_invisible_characters_are_dropped() -> None:
    assert normalize_query("mo\x00e\u202e \ud800x\u00ad\n y") == "moe x y"
    assert read("ｃａｔ：ｃｓ．ＣＬ").facets.categories == ("cs.CL",)


def test_no_more_than_64_terms_of_a_kind_are_used() -> None:
    query = read(" ".join(f'w{n} "p{n}" -x{n}' for n in range(1000)))
    assert {len(query.wanted.words), len(query.wanted.required), len(query.wanted.excluded)} == {64}
    assert read(" ".join(map(str, range(1000))) + " cat:cs.CL").facets.categories == ("cs.CL",)


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
def test_filters_are_parsed_and_may_be_excluded(parts: list[str], facets: Facets) -> None:
    assert read(" ".join(parts)) == Query(facets=facets)
    assert read(" ".join(f"-{part}" for part in parts)) == Query(excluded_facets=facets)


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
def test_an_invalid_filter_is_refused_with_what_is_allowed(text: str, allowed: str) -> None:
    with pytest.raises(UsageError, match=r"\.$") as refused:
        read(f"experts {text}")
    assert allowed in str(refused.value)


def test_since_last_digest_needs_a_digest() -> None:
    with pytest.raises(UsageError, match="there is none yet"):
        read("since:last-digest", last_digest=None)


# --------------------------------------------------------------------------------- topics


def test_every_topic_is_found_by_key_and_names() -> None:
    for concept in taxonomy.load_concepts().values():
        for name in (
            concept.key,
            concept.name,
            concept.name_zh,
            topic_names.to_simplified(concept.name_zh),
        ):
            assert read(f'topic:"{name}"').facets.topics == (concept.key,)


def test_topic_names_in_simplified_characters() -> None:
    written = [
        topic_names.to_simplified(concept.name_zh) for concept in taxonomy.load_concepts().values()
    ]
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
def test_a_chinese_topic_name_is_searched_as_its_topic(
    text: str, keys: list[str], embedded: str
) -> None:
    query = read(text)
    assert [topic.key for topic in query.named_topics] == keys
    assert query.text == embedded
    assert set(query.wanted.aliases) >= {taxonomy.load_concepts()[key].name for key in keys}


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
        ("title:混合专家", {3}),
        ("title:专家混合", set()),
        ("abs:专家混合", {3}),
        ("“与专家混合”", {3}),
        ("“GPT模型”", {3}),
        ("GPT模型", {1, 3}),
        ("“专家，混合”", set()),
    ],
)
def test_words_find_these_works(text: str, numbers: set[int], db: sqlite3.Connection) -> None:
    assert found(db, text) == numbers


def test_equal_parts_are_ranked_once() -> None:
    ranked = build_query(QueryTerms(("MoE", "mixture-of-experts"), ("moe",)), SYNONYMS).ranked
    assert [part.label for part in ranked] == [
        "moe", "mixture", "of", "experts", "mixture-of-experts", "mixtureofexperts",
    ]  # fmt: skip


def test_filters_alone_rank_nothing() -> None:
    query = read("cat:cs.CL after:2026-03 -moe")
    match = build_query(query.wanted, SYNONYMS)
    assert match.ranked == ()
    assert match.excluded == (MatchClause("works_fts", '"moe"', "moe", "term"),)


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


def try_parse(text: str) -> Query | None:
    """Return the query, or None if it is refused with a sentence."""
    try:
        return read(text)
    except UsageError as error:
        sentence = str(error)
    assert sentence.endswith(".")
    assert len(sentence) < 400
    return None


@given(text=QUERIES)
@FUZZ
def test_any_text_is_a_query_or_refused_with_a_sentence(text: str, db: sqlite3.Connection) -> None:
    query = try_parse(text)
    if query:
        for match in (build_query(query.wanted, SYNONYMS), build_query(query.wanted, {})):
            matches(db, any_of(match.ranked))
            matches(db, all_of(match.required))
            matches(db, any_of(match.excluded))
        assert all(PaperId.parse(key).key == key for key in query.facets.ids)


@given(text=QUERIES)
@FUZZ
def test_embedded_text_contains_no_operator(text: str) -> None:
    query = try_parse(text)
    if query:
        again = read(query.text)
        assert again == Query(again.text, QueryTerms(again.wanted.words, again.wanted.aliases),
                              named_topics=again.named_topics)  # fmt: skip


@given(text=st.text() | QUERIES)
@FUZZ
def test_normalization_is_idempotent(text: str) -> None:
    assert normalize_query(normalize_query(text)) == normalize_query(text)
    normalize_query(text).encode()


@pytest.mark.parametrize(
    "text",
    ["x" * 10_000, "a-" * 5000, "moe " * 2500, "混" * 10_000, "混 " * 5000, '"a ' * 3000,
     '"' + "a " * 5000, "-a " * 3000, "title:a " * 1250, "title:" * 1600, "id:1 " * 2500],
)  # fmt: skip
def test_ten_thousand_characters_are_a_query(text: str, db: sqlite3.Connection) -> None:
    query = try_parse(text)
    assert (query is None) == text.startswith("id:")
    if query:
        found(db, text)
