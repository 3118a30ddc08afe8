r"""Markup that lost a sign or is not LaTeX becomes text; what is meant literally stays."""

import time

import pytest

from summarizer.text.sentences import to_plain_text


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        (r"\textdollar 5 a day", "$5 a day"),
        (r"a\textbar b", "a|b"),
        (r"snake\textunderscore case", "snake_case"),
        (r"it\textquotesingle s", "it's"),
        (r"{\textquotedblleft}so{\textquotedblright}", "“so”"),
        (r"note\dag{} and\ddag", "note† and‡"),
        (r"\dh, \TH, \ng", "ð, Þ, ŋ"),
        (r"\textsterling 3, \texteuro 4, 5\textcent", "£3, €4, 5¢"),
        (r"3\texttimes faster, 5\textpm 1", "3×faster, 5±1"),
        (r"20\textcelsius, 3\textpermille", "20°C, 3‰"),
        (r"a\textrightarrow b\textbullet c", "a→b•c"),
        (r"1\textsuperscript{st}, CO\textsubscript{2}", "1st, CO₂"),
        ("textdollar 5 a day", "$5 a day"),
        ("a usertextquotesingle s view", "a user's view"),
        ("4.93texttimes fewer", "4.93×fewer"),
        ("textbf{Bold} and emph{De Novo} and mathcal{O}(n)", "Bold and De Novo and O(n)"),
        ("sqrt{n}-consistent", "√n-consistent"),
        ("1textsuperscript{st}", "1st"),
    ],
)
def test_text_commands_become_letters(marked: str, text: str) -> None:
    assert to_plain_text(marked) == text


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("R&amp;D &lt; 5", "R&D < 5"),
        ("R&amp;amp;D", "R&D"),
        ("a &amp;lt; b &amp;gt; c", "a < b > c"),
        ("caf&eacute; &#233; &#xe9;", "café é é"),
        ("&quot;so&quot; it&#39;s it&apos;s", "\"so\" it's it's"),
        ("a&nbsp;b &mdash; c", "a b — c"),
        (r"R\&amp;D", "R&D"),
        ("$a &lt; b$", "a < b"),
        ("H<sub>2</sub>O is <b>bold</b>", "H2O is bold"),
        ("<p>We do x.</p><p>It works.<br>Well.</p>", "We do x. It works. Well."),
        ("__Some results__ on code_name and __init__", "Some results on code_name and __init__"),
        (r"a \LaTeX and \TeX user", "a LaTeX and TeX user"),
        (
            "[our code](https://x.example/c) is [1] (see b)",
            "our code (https://x.example/c) is [1] (see b)",
        ),
        ("at [https://x.example/c](https://x.example/c).", "at https://x.example/c."),
        (r"\${Name}$ is a tool", "Name is a tool"),
        ("&lt;i&gt;so&lt;/i&gt;", "so"),
    ],
)
def test_entities_become_characters(marked: str, text: str) -> None:
    assert to_plain_text(marked) == text


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("We propose **Name**, a method", "We propose Name, a method"),
        ("**A**ware **M**ulti-**R**ound mult**I**modal", "Aware Multi-Round multImodal"),
        ("up to **4x** faster by **6.75%**.", "up to 4x faster by 6.75%."),
        ("a *very* new *kind of (KO)* thing", "a very new kind of (KO) thing"),
        ("***both*** and **$x_1$**", "both and x₁"),
        (r"min-\$p\$ sampling", "min-p sampling"),
        (r"We call it \$Name$.", "We call it Name."),
        (r"for \$\eta \le 2/L\$, and", "for η ≤ 2/L, and"),
    ],
)
def test_emphasis_and_escaped_formulas_become_text(marked: str, text: str) -> None:
    assert to_plain_text(marked) == text


@pytest.mark.parametrize(
    "text",
    [
        "textless speech models and textbook texture",
        "C&A, AT&T; Q&A; R&D & more",
        "A* search and RT-*, T5-* at *ACL",
        "2**3**4 and x**2 + y**2, def f(*args, **kwargs)",
        "p < 0.05*, p < 0.01**, p < 0.001***",
        "3 * 4 * 5 is 60",
        "<think> so </think> and <b, a<b and <EOS>",
        "a &copy b &unknown; c",
        "the sqrt of n, a frac, an emph",
        "`code` and snake_case and __init__",
        "It costs $5 and $6, or US$7.",
    ],
)
def test_what_is_meant_literally_is_unchanged(text: str) -> None:
    assert to_plain_text(text) == text


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"from \$20-\$50 to \$1.5M and \$2M", "from $20-$50 to $1.5M and $2M"),
        (r"\$OneMillion-Bench costs \$5", "$OneMillion-Bench costs $5"),
        (r"Tokens/\$ by 37% and \$A or \$B", "Tokens/$ by 37% and $A or $B"),
    ],
)
def test_money_is_no_formula(latex: str, text: str) -> None:
    assert to_plain_text(latex) == text


def test_hostile_markup_is_read_quickly() -> None:
    started = time.process_time()
    for unit in ("**a", "*a ", "&amp;", "&", "\\$a", "textbf{", "<b>", "</b>", "**a** ", "text"):
        to_plain_text(unit * (90_000 // len(unit)))
    assert time.process_time() - started < 10
