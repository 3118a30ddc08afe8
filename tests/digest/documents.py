"""Invented documents for tests: a full weekly digest, a full monthly report, and an empty week."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tracker.digest.document import (
    BoardMove,
    BoardMoves,
    DayCount,
    Document,
    Entry,
    GroundedSentence,
    GroupCount,
    PeriodCounts,
    ReasonText,
    SmallPrint,
    Theme,
    TopicLabel,
)
from tracker.learning.reading import PlanStep, Practice, Reading, ReadingLink

_AUTHORS = ("Ilse Vanterpool", "Kwabena Odhiambo-Lis", "Mirjam Tolvanen", "Rhys Abernethy-Kato")
# Title, one-liner, direction.
_PAPERS = (
    (
        "Counting the Cost of a Thought: Budgets for Reasoning Models",
        "Reasoning models that are told what a token costs answer at half the length.",
        "reasoning",
    ),
    (
        "Sparse Experts Without Routers",
        "Hashing tokens to experts by their embedding matches a learned router at 7B.",
        "moe",
    ),
    (
        "What a Retriever Forgets: Drift in Dense Indexes Over Eighteen Months",
        "A dense index that is never rebuilt loses 9 % of its recall in a year.",
        "rag",
    ),
    (
        "Tool Calls That Undo Themselves",
        "Agents that must name an inverse for each action break 62 % fewer files in a mock office.",
        "agents",
    ),
    (
        "Quantising the Cache, Not the Model",
        "Three-bit keys and two-bit values cost 1 point of accuracy at a quarter of the memory.",
        "compression",
    ),
    (
        "Preference Data From Disagreement",
        "Pairs on which annotators split carry the most signal once they are weighted.",
        "alignment-methods",
    ),
    (
        "A Benchmark That Expires",
        "A set of 400 questions, replaced monthly, shows no contamination in 31 models.",
        "evaluation",
    ),
    (
        "Small Models Read Maps",
        "A 3B model trained on invented transit maps answers route questions as a 70B one does.",
        "small-models",
    ),
    (
        "Refusal Lives in Two Layers, and Moves",
        "Refusal sits in two layers of five model families; fine-tuning moves it, and it stays.",
        "safety-security",
    ),
    (
        "Reading a Hundred Patches Before Breakfast",
        "A code model that reviews its patches against the tests' history fixes 11 % more issues.",
        "code",
    ),
    (
        "Where the Long Context Goes",
        "Half of the tokens beyond 64k are attended to by no head in eight open models.",
        "long-context",
    ),
)
_THEMES = (
    ("Speculative decoding and draft models", 84),
    ("Agents in graphical interfaces", 131),
    ("Reward models and their failures", 77),
    ("Retrieval for code and tables", 52),
    ("Low-rank adaptation at scale", 61),
    ("Hallucination detection in medicine", 45),
    ("State-space and hybrid architectures", 39),
    ("Multilingual evaluation", 58),
)
DIMENSIONS = (
    ("representation", "Representation"),
    ("architecture", "Architecture"),
    ("training", "Training"),
    ("alignment", "Alignment"),
    ("inference", "Inference"),
    ("safety", "Safety"),
    ("application", "Application"),
)
DIRECTIONS = (
    ("moe", "Mixture of Experts"),
    ("agents", "Agents, tool use and function calling"),
    ("rag", "Retrieval-augmented generation"),
    ("multimodal", "Multimodal models"),
    ("small-models", "Small and efficient models"),
    ("alignment-methods", "Preference optimisation"),
    ("reasoning", "Reasoning and test-time compute"),
    ("long-context", "Long context and attention"),
    ("compression", "Compression and acceleration"),
    ("fine-tuning", "Parameter-efficient tuning"),
    ("safety-security", "Safety, security and privacy"),
    ("evaluation", "Evaluation and benchmarks"),
    ("data", "Data and pretraining"),
    ("code", "Code models"),
    ("interpretability", "Interpretability"),
)
CATEGORIES = (("cs.LG", "cs.LG"), ("cs.CL", "cs.CL"), ("stat.ML", "stat.ML"))
HOSTILE = (
    "<script>alert('x')</script> [x](javascript:alert(1)) *bold* _it_ `code` a|b $\\frac{1}{2"
    "\r\n\r\n# heading {{ 7 * 7 }} &lt;b&gt; ![i](http://example.org/i.png) " + "w" * 5000
)


def entry(number: int, title: str = "", tldr: str = "", topic: str = "reasoning") -> Entry:
    """Return an invented paper whose tldr was shortened from a longer sentence."""
    accepted = number % 3 == 0
    sentence = tldr or f"Invented finding {number} holds on three data sets and fails on a fourth."
    paper_id = f"2603.{95000 + number}"
    return Entry(
        id=paper_id,
        url=f"https://arxiv.org/abs/{paper_id}",
        title=title or f"An Invented Study of the Number {number} and of What Follows From It",
        authors=_AUTHORS[: 2 + number % 3] + ("Sunniva Brattlie",) * (number % 2),
        published=date(2026, 3, 8),
        announced=date(2026, 3, 10),
        categories=("cs.CL", "cs.LG"),
        topics=(TopicLabel(topic, dict(DIRECTIONS)[topic]), TopicLabel("training", "Training")),
        tldr=sentence,
        proofs=(
            GroundedSentence(
                "tldr", sentence, f"In this paper, we show that {sentence[0].lower()}{sentence[1:]}"
            ),
        ),
        method="extractive",
        model="",
        score=0.75 - number / 100,
        why=(
            ReasonText("topic", f"about {dict(DIRECTIONS)[topic]}", 0.36),
            ReasonText("novelty", "likeness to the nearest paper of 90 days 0.41", 0.17),
            ReasonText("centrality", "typical of its theme", 0.12),
            ReasonText(
                "venue", "accepted at ICLR 2026" if accepted else "no venue known", 0.15 * accepted
            ),
        ),
        venue="ICLR 2026" if accepted else "",
        code="https://github.com/example/no_such_repository" if number % 2 == 0 else "",
    )


def picked() -> Entry:
    """Return the paper to read first, with five points; only the method quotes the abstract."""
    first = entry(0, *_PAPERS[0])
    method = "We price each token and train with a reward that falls with the bill."
    points = (
        ("problem", "However, ", "reasoning models think for too long about easy questions."),
        (
            "result",
            "Overall, ",
            "at half the length accuracy falls by 0.4 points on six sets.",
        ),
        (
            "why_it_matters",
            "Thus, ",
            "a budget per request makes the cost of an answer known.",
        ),
        ("limits", "We note that ", "budgets under 200 tokens are ignored by models under 3B."),
    )
    proofs = [
        GroundedSentence(role, text[0].upper() + text[1:], opener + text)
        for role, opener, text in points
    ]
    proofs.insert(1, GroundedSentence("method", method, method))
    return replace(first, proofs=(*first.proofs, *proofs))


def reading(text: str = "") -> Reading:
    """Return the hour for the paper to read first; with `text`, that in place of every text."""
    host = "arxiv.org" if text else "huggingface.co"
    steps = (
        ("claim", 6, "Abstract, then “6 Conclusion”: what does the paper claim?", "abstract"),
        ("figure", 9, "Figure 2 (“Accuracy against cost”): what does it show?", "Figure 2"),
        ("method", 12, "“3 Budgets”, without the formulas: how would you build it?", "“3 Budgets”"),
        ("formulas", 3, "Last, the formulas of “3 Budgets”.", "formulas"),
    )
    return Reading(
        id="2603.95000",
        level="engineer",
        plan=tuple(PlanStep(k, n, text or what, text or part) for k, n, what, part in steps),
        practice=Practice(
            source="exercise",
            title=text or "Compare with and without thinking aloud",
            minutes=30,
            steps=(f"`{text or 'ollama pull tiny'}`", text or "Ask `ollama run tiny` ten times."),
            expect=text or "Ten answers, of which a few are right.",
            tools=("ollama",),
        ),
        links=(
            ReadingLink("model", f"https://{host}/example/budget", text or "example/budget"),
            ReadingLink("page", "javascript:alert(1)" if text else "https://budget.example.org"),
        ),
        conclusion=text or "Results show that a budget halves the length of an answer.",
        limitations=text or "Only English was tested.",
        from_full_text=True,
    )


def themes() -> tuple[Theme, ...]:
    """Return eight themes of three papers; the first has a paper of the top ten."""
    built = []
    for row, (label, size) in enumerate(_THEMES):
        entries = tuple(entry(100 + 3 * row + place) for place in range(3))
        built.append(Theme(label, tuple(label.lower().split()), size, entries))
    built[0] = replace(built[0], entries=(entry(4, *_PAPERS[4]), *built[0].entries[1:]))
    return tuple(built)


def counts(days: tuple[DayCount, ...]) -> PeriodCounts:
    """Return the numbers of a period with these days."""
    papers = sum(day.papers for day in days)

    def row(place: int, key: str, name: str) -> GroupCount:
        now = papers * (23 - place) // 120
        share = now / papers if papers else 0.0
        trend = "growing" if place < 2 else "shrinking" if place > 12 else "steady"
        before = share + (place - 6) / 300
        return GroupCount(key, name, now, share, now - 7 + place, before, trend=trend)

    return PeriodCounts(
        papers=papers,
        indexed=max(papers - 4, 0),
        days=days,
        categories=tuple(
            row(3 * n, key, key) for n, key in enumerate(("cs.LG", "cs.CL", "stat.ML"))
        ),
        dimensions=tuple(row(n, *pair) for n, pair in enumerate(DIMENSIONS)),
        directions=tuple(row(n, *pair) for n, pair in enumerate(DIRECTIONS)),
        baseline=papers / 1.09 if papers else 1290.0,
        baseline_periods=8,
    )


def boards() -> tuple[BoardMoves, ...]:
    """Return a leaderboard with moves and intervals, and one without moves."""
    new = BoardMove("new", "Tarnwick-210B-A18B", "Tarnwick Team", 2, None, 1433.9, None)
    up = BoardMove("up", "Ollivant-Large-3", "Ollivant Labs", 4, 9, 1421.2, 1398.4)
    down = BoardMove("down", "Quillmere-72B", "", 11, 6, 1386.0, 1404.8)
    gone = BoardMove("gone", "Corvane-Pro-2", "Corvane Intelligence", None, 8, None, 1401.5)
    moves = (
        replace(new, interval=(1427.2, 1440.5)),
        replace(up, interval=(1416.0, 1426.3), interval_before=(1392.1, 1404.4)),
        replace(down, interval=(1381.4, 1390.7), interval_before=(1399.0, 1410.1)),
        gone,
    )
    names = ("Corvane-Pro-3", "Tarnwick-210B-A18B", "Ollivant-Large-2")
    head = tuple(zip((1, 2, 3), names, (1440.3, 1433.9, 1427.2), strict=True))
    bench = (
        (1, "Corvane-Pro-3", 84.0),
        (2, "Ollivant-Large-2", 83.2),
        (None, "Hazelwick-8B", 61.75),
    )
    return (
        BoardMoves("demo-arena", date(2026, 3, 12), date(2026, 3, 5), moves, head, 118),
        BoardMoves("demo-bench", date(2026, 3, 10), date(2026, 3, 3), (), bench, 42),
    )


def _small_print() -> SmallPrint:
    return SmallPrint(
        made=datetime(2026, 3, 16, 6, 0, tzinfo=UTC),
        tracker="1.0.0",
        encoder="all-MiniLM-L6-v2, OpenVINO",
        runs_on="2 processor cores, no GPU",
        summaries=(("extractive", 34), ("none", 1)),
        sentences_dropped=3,
        completeness="every announcement day is complete, 1,412 of 1,412 papers",
        notes=("demo-arena is read from a saved table.",),
    )


def weekly() -> Document:
    """Return a full weekly digest."""
    listed = (297, 301, 268, 275, 271)
    days = tuple(
        DayCount(date(2026, 3, 9 + n), count, "complete") for n, count in enumerate(listed)
    )
    return Document(
        kind="weekly",
        period="2026-W11",
        start=date(2026, 3, 9),
        end=date(2026, 3, 15),
        language="en",
        subject="LLM Weekly 2026-W11: agents in graphical interfaces, speculative decoding + 6",
        preheader="Reasoning models stop in time when they are told what a token costs.",
        notices=("This issue is an invented sample: no paper or model in it exists.",),
        counts=counts(days),
        read_first=picked(),
        top=tuple(entry(n, *_PAPERS[n]) for n in range(1, 11)),
        themes=themes(),
        unthemed=211,
        boards=boards(),
        corrections=(replace(entry(900, "A Result Too Good to Keep"), withdrawn=True),),
        small_print=_small_print(),
        discussed=tuple(
            replace(entry(n, f"A Much Discussed Paper on the Number {n}"), upvotes=1500 - n)
            for n in (200, 201)
        ),
        reading=reading(),
    )


def monthly() -> Document:
    """Return a full monthly report with 22 announcement days."""
    month = (date(2026, 3, 1) + timedelta(n) for n in range(31))
    working = [day for day in month if day.weekday() < 5]
    days = [DayCount(day, 260 + 37 * day.day % 90, "complete") for day in working]
    days[16] = DayCount(working[16], 0, "closed")
    return replace(
        weekly(),
        kind="monthly",
        period="2026-03",
        start=date(2026, 3, 1),
        end=date(2026, 3, 31),
        subject="LLM Monthly Report 2026-03: more agents, fewer adapters",
        counts=counts(tuple(days)),
        unthemed=1004,
    )


def empty() -> Document:
    """Return the digest of a week without papers."""
    # The composer counts every category and topic, here with zero papers each.
    nothing = replace(
        counts((DayCount(date(2026, 12, 28), 0, "closed"),)), baseline=None, baseline_periods=0
    )
    return replace(
        weekly(),
        period="2026-W53",
        start=date(2026, 12, 28),
        end=date(2027, 1, 3),
        subject="LLM Weekly 2026-W53: nothing was listed",
        notices=("arXiv listed nothing this week: it was closed on all days.",),
        counts=nothing,
        read_first=None,
        reading=None,
        top=(),
        themes=(),
        unthemed=0,
        boards=(),
        corrections=(),
        discussed=(),
        small_print=replace(
            _small_print(),
            summaries=(),
            sentences_dropped=0,
            completeness="no announcement was due",
            notes=(),
        ),
    )


def hostile() -> Document:
    """Return a full digest with attacks in titles, authors, sentences, names and addresses."""
    bad = replace(
        picked(),
        title=HOSTILE,
        authors=(HOSTILE, HOSTILE),
        url="javascript:alert(1)",
        code="https://example.org/a b)\r\n[x](javascript:alert(1))",
        tldr=HOSTILE,
        proofs=(
            GroundedSentence("tldr", HOSTILE, "source " + HOSTILE),
            GroundedSentence("result", HOSTILE, HOSTILE),
        ),
        why=(ReasonText("topic", HOSTILE, 0.5),),
        venue=HOSTILE,
        topics=(TopicLabel("x", "| [t](javascript:1) *t*"),),
    )
    full = weekly()
    return replace(
        full,
        subject="LLM Weekly <b>2026-W11</b>",
        notices=(HOSTILE[:300],),
        read_first=bad,
        reading=reading(HOSTILE),
        top=tuple(replace(bad, id=f"2603.{96000 + n}") for n in range(10)),
        themes=tuple(replace(theme, label=HOSTILE) for theme in full.themes),
        boards=tuple(
            replace(board, moves=tuple(replace(move, model=HOSTILE) for move in board.moves))
            for board in full.boards
        ),
        corrections=(replace(bad, id="2603.96100", withdrawn=True),),
    )
