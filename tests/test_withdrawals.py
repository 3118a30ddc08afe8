"""Withdrawn papers are recognised in the wordings of authors and administrators, and no others."""

import time

import pytest

from tracker.paper.paper_facts import ARXIV_WITHDRAWN, find_facts

WITHDRAWN = [
    "Withdrawn",
    "withdrawn.",
    "WITHDRAWN",
    "[withdrawn]",
    "(Withdrawn)",
    "** Withdrawn **",
    "Paper withdrawn",
    "This paper withdrawn",
    "Paper is withdrawn",
    "Now withdrawn",
    "Has been withdrawn.",
    "RETRACTED",
    "Retracted by the authors",
    "This article has been retracted.",
    "12 pages. Withdrawn.",
    "12 pages, 3 figures; withdrawn due to errors",
    "12 pages, withdrawn because of a gap in Lemma 2",
    "Withdrawn by author",
    "Withdrawn by the first author",
    "Withdrawn by the submitter",
    "Withdrawn at the request of the authors",
    "Withdrawn: the data were wrong",
    "Withdrawn - a sign error in the proof",
    "Withdrawn as it was superseded by arXiv:2603.00001",
    "Withdrawn from arXiv",
    "This paper has been withdrawn",
    "This paper has been withdrawn by the author(s)",
    "This paper has been withdrawn by the authors due to a crucial error in equation 3",
    "This paper has now been withdrawn by Ada Doe",
    "This manuscript was withdrawn for further revision and will be resubmitted",
    "This version is hereby withdrawn",
    "This preprint is being withdrawn because of a dispute",
    "This e-print was withdrawn owing to a mistake",
    "The paper is temporarily withdrawn",
    "Our submission has been withdrawn, as the results cannot be reproduced",
    "This thesis has been withdrawn",
    "The current version has been withdrawn",
    "Paper withdrawn due to a bug in the evaluation",
    "Article withdrawn: wrong figures",
    "Submission withdrawn pending legal review",
    "Due to a mistake in Theorem 1, this paper has been withdrawn",
    "The proof contains a gap, and the paper is therefore withdrawn",
    "This paper contains an error and has been withdrawn.",
    "Submitted by mistake and is withdrawn.",
    "The authors have withdrawn this paper",
    "The author has decided to withdraw this article",
    "We withdraw this paper because of an error",
    "We have decided to withdraw our manuscript",
    "I am withdrawing this submission",
    "The authors wish to withdraw this work",
    "We would like to withdraw the paper",
    "The authors retract this paper",
    "We hereby retract this article",
    "Please withdraw this paper",
    "The second author requested that this paper be withdrawn",
    "The authors request the withdrawal of this manuscript",
    "This paper must be withdrawn for reasons of copyright",
    "Withdrawal requested by the authors",
    "Withdrawal notice: the results are wrong",
    "Retraction: the data were fabricated",
    "arXiv admin note: withdrawn",
    "arXiv admin note: paper withdrawn due to disputed authorship",
    "arXiv admin note: This submission has been withdrawn by arXiv administrators",
    "arXiv admin note: submission has been withdrawn by arXiv due to disputed authorship",
    "This article has been removed by arXiv administrators because of its licence",
    "This submission was removed by arXiv as the submitter had no right to license it",
    "This version withdrawn by arXiv administrators because the submitter had no right to it",
    "Accepted at a workshop. This paper has been withdrawn due to an error",
    "Author withdrew paper",
    "Withdrawn (error in section 3)",
    "This paper has been removed by the authors",
    "We found a fatal error and want to withdraw the paper",
    "Withdrawing due to an error in the data",
    "All authors agreed to withdraw",
    "v2: withdrawn",
    ARXIV_WITHDRAWN,
]
ON_ARXIV = [
    "",
    "12 pages",
    "Withdrawn from ICLR 2026",
    "This paper was withdrawn from the proceedings for lack of funding",
    "This paper was withdrawn by the authors from NeurIPS 2025",
    "The paper has been withdrawn from consideration at the journal",
    "Accepted at a workshop (withdrawn before the presentation)",
    "Accepted at AAAI 2026 but withdrawn from the programme",
    "ICLR 2026 Withdrawn Submission",
    "Withdrawn submission to ICLR 2026",
    "An earlier version was withdrawn",
    "The previous version has been withdrawn; this one is corrected",
    "Version 2 was withdrawn by mistake; version 3 is correct",
    "Resubmission of a previously withdrawn submission of ours",
    "This replaces arXiv:2603.00001, which is a withdrawn submission",
    "This paper has not been withdrawn",
    "This paper was erroneously withdrawn and has been restored",
    "This paper was withdrawn in error; now reinstated",
    "arXiv admin note: text overlap with arXiv:2603.00001",
    "arXiv admin note: substantial text overlap with a withdrawn submission arXiv:2603.00001",
    "We withdraw the claim of an earlier paper",
    "A study of withdrawn papers. 12 pages",
    "Data on retracted articles are at https://x.example",
    "Withdrawal of consent in data sets, 9 pages",
    "Retraction-based optimisation on manifolds",
    "We never withdrew this paper",
    "Submitted to ICLR 2026, withdrawn after the reviews",
    "Extended version of a paper withdrawn from TMLR",
    "Previously withdrawn due to an error that is now fixed",
    "The workshop version was withdrawn by the authors",
    "Two participants withdrew",
    "We decided to withdraw this paper from NeurIPS",
    "The accompanying data set was withdrawn by its owner",
    "The drug has been withdrawn from the market",
    "The model was withdrawn from the leaderboard",
]
REMOVED_TEXTS = [
    "This paper has been withdrawn by the author due to a sign error.",
    "Withdrawn.",
    "The authors have withdrawn this paper.",
    "Due to an error in Lemma 2, this paper has been withdrawn.",
    "[Withdrawn] We study words and more words of some language.",
    "We study words. " * 30 + "This paper has been withdrawn due to an error.",
]
TEXTS = [
    "We study how often a retracted article is cited. " * 10 + "The paper was retracted in 2019.",
    "Withdrawal symptoms are predicted from posts.",
    "Retraction maps move a point along a manifold.",
    "We withdraw the assumption of independence.",
    "Withdrawn papers are cited for years, as we show on 3,000 of them.",
    "Bikes withdrawn from stations are counted.",
    "Retracted papers are a problem. We study them.",
    "The drug was withdrawn from the market in 2004, and we model why.",
]


@pytest.mark.parametrize("comments", WITHDRAWN)
def test_a_comment_states_a_withdrawal(comments: str) -> None:
    assert find_facts("We study words.", comments).withdrawn


@pytest.mark.parametrize("comments", ON_ARXIV)
def test_a_comment_states_no_withdrawal_from_arxiv(comments: str) -> None:
    assert not find_facts("We study words.", comments).withdrawn


@pytest.mark.parametrize("abstract", REMOVED_TEXTS)
def test_a_notice_replaces_the_abstract(abstract: str) -> None:
    assert find_facts(abstract).withdrawn


@pytest.mark.parametrize("abstract", TEXTS)
def test_an_abstract_about_withdrawals_is_not_one(abstract: str) -> None:
    assert not find_facts(abstract).withdrawn


@pytest.mark.parametrize(
    ("title", "withdrawn"),
    [("[Withdrawn] Some words", True), ("RETRACTED: Some words", True),
     ("WITHDRAWN ARTICLE: Some words", True), ("Retracted articles and their citations", False),
     ("Retraction maps: a survey", False), ("Withdrawn or not: a study", False)],
)  # fmt: skip
def test_a_title_can_be_marked(title: str, withdrawn: bool) -> None:
    assert find_facts("We study words.", title=title).withdrawn == withdrawn


def test_hostile_texts_are_read_quickly() -> None:
    started = time.process_time()
    for unit in ("we ", "withdrawn by ", "this paper has been ", "request ", "we withdraw the "):
        find_facts(unit * 5000, unit * 5000)
    assert time.process_time() - started < 5
