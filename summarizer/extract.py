"""The embedded summary: picks and shortens sentences of the abstract; needs no model and no network.

Public surface: ``extract``, ``MODEL``, ``MAX_WORDS``.
"""

from summarizer.models import Sentence, Summary
from summarizer.roles import assign, contribution
from summarizer.text import plain, sentences
from summarizer.tighten import clip, tighten, variants

MODEL = "extractive-0"
MAX_WORDS = 30
_MAX_SENTENCES = 60


def extract(title, abstract, *, encode=None):
    text = plain(abstract)
    found = sentences(text)[:_MAX_SENTENCES]
    if not found:
        return Summary("", (), "none", "", "", "en", 0)
    index = min(contribution(found), len(found) - 1)
    short = tighten(found[index])
    options = [v for _, v in variants(short) if len(v.split()) <= MAX_WORDS]
    tldr = max(options, key=len) if options else clip(short, MAX_WORDS)
    out = [Sentence("tldr", tldr, found[index])]
    for role, i in assign(found, {index}).items():
        out.append(Sentence(role, tighten(found[i]), found[i]))
    return Summary(tldr, tuple(out), "extractive", MODEL, "", "en", 0)
