"""What a paper's title says that it is: a survey, or the introduction of a benchmark or data set.

Readers see the kind as a fact, so a title must say it in so many words: "A Survey of …",
"XBench: …", "…: A Dataset for …". Titles that merely mention one, such as "Cleaning Survey Data" or
"What Benchmarks Miss", do not count.

Public: `SURVEY`, `BENCHMARK`, `DATASET`, `kind_of_title`.
"""

import re

SURVEY, BENCHMARK, DATASET = "survey", "benchmark", "dataset"

# What may follow the noun; another noun makes it something else ("survey data").
_END = r"(?=\s*(?:$|[:;,.?!()—–/]|-\s|(?:{words})\b))"
_PREPOSITIONS = "of|on|and|from|for|in|with|into|across|to|towards?|by|at|under|over|via|using"
_AFTER_REVIEW = _END.format(words="of|on|and|from|for|in|with|into|across")
_AFTER_RESOURCE = _END.format(
    words=_PREPOSITIONS
    + "|that|where|beyond|about|based|built|grounded|addressing|aligned|aligning|curated|covering"
    "|spanning|designed|derived|annotated|ready|dataset|suite|version"
)
_START = r"(?:^|[:;?.–—]\s*|\s-{1,2}\s)"
_SURVEYS = re.compile(
    r"^sok\b"
    rf"|(?:{_START}|\b(?:an?|the|and|living|[\w-]+(?:ive|ic|al|ed|ing|paradigm|level|oriented"
    rf"|scale|depth))\s+)survey{_AFTER_REVIEW}"
    rf"|(?:{_START}|\b(?:an?|comprehensive|systematic|literature|scoping|critical|comparative"
    r"|narrative|brief|short|rapid|mini|umbrella|technical|historical|concise|holistic"
    rf"|state-of-the-art|tutorial|[\w-]+-oriented)\s+)(?:review|overview|tutorial|primer)"
    rf"{_AFTER_REVIEW}"
    r"|\b(?:gentle|ultimate|practical|hands-on) (?:tutorial|introduction|primer)\b",
    re.I,
)
# Shared tasks have overviews, surveys of people have respondents, and some works write surveys.
_NO_SURVEYS = re.compile(
    r"\b(?:shared task|track|challenge|workshop)\b"
    r"|\bnational survey\b|\boverview of \w+(?: at \w+)? 20\d\d\b"
    r"|\bsurvey of (?:\d|practitioners|developers|users|students|researchers|clinicians|physicians"
    r"|teachers|experts)"
    r"|\b(?:generating|generation of|automat\w+|screening|writing)\b[^:]*\b(?:review|survey)s?\b",
    re.I,
)
# Up to seven words before the noun, none of them a preposition: "a live, multilingual …".
_WORDS = rf"(?:(?!(?:{_PREPOSITIONS})\b)[\w'’$\\/&+.,-]+\s+){{0,7}}?"
# A name of one word that is not a plain one: "LMEB: …", "KernelCraft: …".
_NAME = r"^(?=\S*[A-Z0-9]\S*[A-Z0-9])[\w.+-]+:\s+"


def _introduced(things: str) -> str:
    """Return the pattern of a thing after an article, or after the name that it is given."""
    return (
        rf"(?:(?:{_START}|\bintroducing\s)(?i:an?|the|towards?\s+an?)\s+|{_NAME}){_WORDS}"
        rf"(?i:{things})(?i:{_AFTER_RESOURCE})"
    )


_BENCHMARKS = re.compile(
    # "A benchmark of ten models" compares them; it is no new benchmark.
    _introduced(r"benchmarks?(?! (?:of|on)\b)|leaderboard|test ?bed|evaluation suite")
    + r"|^[^:]*(?i:bench)(?:-[\w.+]+|[ -]v?\d[\w.]*|[ -]\w+)?\s*:|^[^:]{1,40}\b(?i:benchmark):"
    + rf"|{_NAME}(?i:benchmarking)\b"
)
_DATASETS = re.compile(_introduced("data ?sets?|corpus|corpora"))
_NO_RESOURCES = re.compile(
    r"\b(?:benchmark|data ?set|corpus) (?:stud(?:y|ies)|analys[ie]s|comparison|generat\w+"
    r"|construction|distillation|contamination|condensation)\b"
    r"|\b(?:cross|multi)-(?:data ?set|corpus|benchmark)\b"
    r"|\b(?:analysis|audit|study|critique|re-?evaluation|reassessment) (?:of|on|with|across)\b[^:]*"
    r"(?:data ?sets?|corpus|corpora|benchmarks?)\b"
    r"|\btoward a benchmark\b|^benchmarking\b",
    re.I,
)


# Most titles have none of these words, and this is many times faster than the patterns above.
_ANY_WORD = re.compile(
    r"survey|review|overview|tutorial|primer|introduction|\bsok\b|bench|data ?set|corp"
    r"|leaderboard|test ?bed|evaluation suite",
    re.I,
)


def kind_of_title(title: str) -> str:
    """Return `SURVEY`, `BENCHMARK` or `DATASET`, or "" for any other paper."""
    if not _ANY_WORD.search(title):
        return ""
    text = " ".join(title.split())
    if _SURVEYS.search(text) and not _NO_SURVEYS.search(text):
        return SURVEY
    if _NO_RESOURCES.search(text):
        return ""
    if _BENCHMARKS.search(text):
        return BENCHMARK
    return DATASET if _DATASETS.search(text) else ""
