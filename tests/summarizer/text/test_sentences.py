"""LaTeX is converted to readable text, and text is split into sentences and words."""

import gzip
import json
import re
import time
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.text.sentences import split_sentences, split_words, to_plain_text

LATEX = st.text(alphabet="\\{}$^_~%&#'`\"-.,()[] \nabfracsqrthat01\u00e9\u202e\u4e2d", max_size=200)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"M\"uller, na\"{\i}ve, \'Etude, \c{c}a, \v{S}ar\'{a}", "Müller, naïve, Étude, ça, Šará"),
        (r"an $\mathcal{O}(n \log n)$ bound", "an O(n log n) bound"),
        (r"$\alpha_{ij}^{2}$ and $10^{-3}$", "αᵢⱼ² and 10⁻³"),
        (r"$\tilde{O}(\sqrt{T})$", "Õ(√T)"),
        (r"$n^{2/3}$ and $\frac{1}{2}$", "n^(2/3) and 1/2"),
        (r"$\sim$10% of $3\times$", "~10% of 3×"),
        (r"$\|x\|_2 \leq 1$", "‖x‖₂ ≤ 1"),
        (r"\(a\to b\) and \[c\]", "a → b and c"),
        (r"\textbf{bold \emph{both} $y_1$} {\em switched}", "bold both y₁ switched"),
        (r"see~\cite{someone}. Next\footnote{aside}.", "see. Next."),
        (r"at \url{https://x.org/~me_1}", "at https://x.org/~me_1"),
        (r"\href{https://x.org}{our page}", "our page"),
        (r"\method beats \unknown{Other}", "method beats Other"),
        (r"50\% \& 3\_4 \#1", "50% & 3_4 #1"),
        (r"{0,1} stays, {BERT} does not", "{0,1} stays, BERT does not"),
        (r"``quoted'' --- and 3--5", "“quoted” — and 3–5"),
        (r"\unicode{x2013}", "–"),
        (r"$>$\SI{96}{\percent}", ">96%"),
        (r"{\color{red} hot} \textcolor{red}{tea}", "hot tea"),
    ],
)
def test_latex_is_converted_to_text(latex: str, expected: str) -> None:
    assert to_plain_text(latex) == expected


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $6 each.",
        "From $313k to $1,000 (under $2 per 1K tokens).",
        "a<b and x|y and ||z||",
        "about ~10% of 50% at C:/x",
        "one { or } two [3] (4)".replace("{", "(").replace("}", ")"),
    ],
)
def test_text_without_markup_is_unchanged(text: str) -> None:
    assert to_plain_text(text) == text


def test_hidden_characters_are_removed_and_spaces_collapsed() -> None:
    assert to_plain_text("a\u202eb\u200bc\x00d\ufeff\n\t  e\u00a0f\U000e0041") == "abcd e f"


@given(LATEX | st.text(max_size=200))
def test_plain_text_never_raises_and_is_one_clean_line(text: str) -> None:
    line = to_plain_text(text)
    assert line == " ".join(line.split())
    assert not re.search("[\x00-\x1f\u200b-\u200f\u202a-\u202e]", line)


@given(st.text(alphabet="abc ABC.,;!?()123-", max_size=200))
def test_plain_text_changes_only_spaces_without_markup(text: str) -> None:
    assert to_plain_text(text) == " ".join(text.split()) or "--" in text or "- " in text


def test_deeply_nested_markup_is_converted_quickly() -> None:
    started = time.process_time()
    for hostile in ("{" * 50_000, "\\frac " * 16_000, "$x" * 40_000, "$" + "^{" * 900 + "$"):
        to_plain_text(hostile)
    assert time.process_time() - started < 5


def test_real_abstracts_contain_no_markup_afterwards(shared_data: Path) -> None:
    path = shared_data / "arxiv" / "arxiv-metadata-2024-12_2026-03.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        marked = (json.loads(line)["abstract"] for line in lines if "\\\\" in line)
        texts = [to_plain_text(abstract) for abstract in islice(marked, 400)]
    marked_up = [t for t in texts if "\\" in t or re.search(r"[_^]\{|\$[A-Za-z]", t)]
    assert len(marked_up) <= len(texts) // 100, marked_up


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("We use BERT, e.g. for Names, as in Fig. 3 of Smith et al. (2020). It works.", 2),
        ("Accuracy rises from 71.3 to 75.0. See https://a.org/v1.2.html for more.", 2),
        ("It beats GPT-4. We release it.", 2),
        ("J. Smith and A. B. Jones wrote it. They left.", 2),
        ("See Appendix A. We prove it.", 2),
        ("i.e. This is one vs. That.", 1),
        ('He wrote "It works." Then left!', 2),
        ("This is glued.We split it.", 2),
        ("Is it so? Yes! (It is.) Done", 4),
        ("用于训练。效果很好！", 2),
        ("", 0),
        ("no end", 1),
    ],
)
def test_sentences_end_where_a_reader_expects(text: str, count: int) -> None:
    assert len(split_sentences(text)) == count


@given(st.text(max_size=300))
def test_sentences_are_verbatim_except_for_spaces(text: str) -> None:
    found = split_sentences(text)
    assert all(sentence in text for sentence in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@pytest.mark.parametrize("unit", ["A. ", ".", "e.g.", "http://", "(", "a-", "\u3002"])
def test_very_long_text_is_split_quickly(unit: str) -> None:
    started = time.process_time()
    text = unit * (1_000_000 // len(unit))
    split_sentences(text)
    split_words(text)
    assert time.process_time() - started < 5


def test_words_keep_numbers_and_compounds_whole() -> None:
    assert split_words("State-of-the-art: 71.3%, 1,412 papers, don't.") == [
        "State-of-the-art",
        "71.3%",
        "1,412",
        "papers",
        "don't",
    ]
    assert split_words("深度learning") == ["深", "度", "learning"]
