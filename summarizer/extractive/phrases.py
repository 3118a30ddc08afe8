"""Patterns used by ``tighten``: what can be removed from a sentence, and where it can end early.

Data only. Public surface: the patterns, each followed by what it matches.
"""

import re

from summarizer.text.wordlists import any_word_pattern

_WE = r"(?:We|I|This (?:paper|work|study|article|survey|report))"
_HOW = r"(?: \w+ly| also| further| then| first| here)?"

CITATION = re.compile(
    r"\s?\((?:see |cf\. )?[A-Z][\w'\u2019-]{1,30}(?: et al\.?| (?:and|&) [A-Z][\w-]{1,30})?,?"
    r" \(?(?:19|20)\d\d[a-z]?[^()]{0,160}\)"
    r"|\s\[(?!0)\d{1,3}(?:[,\u2013 -]{1,2}\d{1,3}){0,12}\]"
    r"|(?<= et al\.)\s?,? ?\(?(?:19|20)\d\d[a-z]?\)"
)
"""A reference: "(Smith et al., 2020)", "[12, 13]"; not an interval such as "[0, 1]"."""

EXPLANATORY_PARENTHESIS = re.compile(
    r"\s\((?:e\.g\.|i\.e\.|eg,|ie,|see |cf\.|such as |for example|ours)[^()]{0,200}\)"
)
"""A parenthesis that only explains."""

PARENTHESIS = re.compile(r"\s\((?![ivx\d]{1,3}\))[^()]{1,200}\)(?=[\s.,;:]|$)")
"""Any parenthesis that is not attached to a word and is not a list number."""

URL_PHRASE = re.compile(
    r"[\s(]*(?:(?:is |are )?(?:publicly |freely |openly )?available )?"
    r"(?:at |from |via |on |in |: )?(?:this )?(?:https?://|www\.)[^\s)]{1,300}\)?"
)
"""A web address with the words that introduce it."""

SENTENCE_LABEL = re.compile(
    r"^(?:\(?[ivx\d]{1,3}[).]\s"
    r"|[A-Z][A-Za-z-]{3,20}(?: (?:and|of|for|[A-Z][A-Za-z-]{2,20})){0,4}\s?:\s(?=[A-Z]))"
)
"""A number or a heading before the sentence: "(2)", "Results:"."""

DISCOURSE_OPENER = re.compile(
    r"^(?:(?:In|Within|Through|With|Throughout) (?:this|the present|our|the current)"
    r" (?:\w{3,12} )?(?:paper|work|article|study|research|report|letter|manuscript|survey|thesis"
    r"|project|note)|"
    + any_word_pattern(
        "Accordingly As_a_remedy Fundamentally For_example For_instance "
        "In_this_direction To_that_effect "
        "Additionally Afterward Afterwards Alarmingly Also Altogether And "
        "As_a_consequence As_a_result Besides But By_contrast Collectively Concretely "
        "Consequently Conversely Critically Crucially Empirically Encouragingly Finally First "
        "First_of_all Firstly For_the_first_time For_the_very_first_time For_this_purpose "
        "Further Furthermore Given_this Hence Here Herein However Importantly In_addition "
        "In_conclusion In_contrast In_fact In_light_of_this In_particular In_response In_short "
        "In_summary In_this_context In_this_light In_this_regard In_this_setting Indeed "
        "Interestingly Intriguingly Lastly Meanwhile More_generally More_importantly "
        "More_precisely More_specifically Moreover Most_importantly Nevertheless Next "
        "Nonetheless Notably On_the_other_hand Overall Particularly Remarkably Second Secondly "
        "Since_then So Specifically Still Strikingly Subsequently Surprisingly Taken_together "
        "Then Therefore Third Thirdly Thus To_achieve_this To_achieve_this_goal To_do_so "
        "To_do_this To_summarize To_that_end To_this_end Together Toward_this_end "
        "Toward_this_goal Towards_this_end Towards_this_goal Ultimately Unfortunately "
        "With_this_in_mind Yet "
    )
    + r")(?:,\s+|\s+(?=we\b|I\b|our\b))"
)
"""A link to the sentence before, or to the paper: "However,", "In this paper,"."""

BACK_REFERRING_LEAD = re.compile(
    r"^(?:(?:To|Towards?|In order to) (?:\w+ly )?\w+(?: and \w+)?|Motivated by|Inspired by"
    r"|Based on|Building (?:up)?on|Using|With"
    r"|Guided by|In light of|In view of|Given|In response to|Driven by|Leveraging|By \w+ing|From"
    r"|Against) (?:all |both )?(?:this|these|those|such|the above|the aforementioned|them|it|that"
    r"|the former)\b[^,;:]{0,90},\s+(?=we\b|in this (?:paper|work)\b"
    r"|this \w+ \w+s\b|our\b|I\b|a\b|the\b)"
)
"""An opening that refers back: "To address these issues, we …"."""

ADVERBIAL_LEAD = re.compile(
    r"^(?:By|Using|Based on|Through|To|Inspired by|Motivated by|Building on|Leveraging|Drawing on"
    r"|Recognizing|Unlike|Building upon|In order to|Rather than|Instead of|While|Although|Though"
    r"|Despite|Whereas)\s[^,;:]{4,140},\s+(?=we\b|this (?:paper|work|study|article)\b|I\b)"
)
"""An adverbial before "we": aim, means or concession, never a condition."""

CONNECTIVE = re.compile(
    r"^(We|I|(?:This|The) (?:paper|work|study|article|survey|report)),? (?:also|then|further"
    r"|furthermore|therefore|thus|hence|additionally|next|finally"
    r"|here|subsequently|consequently|moreover|accordingly|instead),? "
)
"""The "then" of "We then show"."""

INTERJECTION = re.compile(
    r",\s(?:however|therefore|thus|hence|moreover|furthermore|in turn|in fact|indeed),"
)

CLAIM_INTRODUCTION = re.compile(
    r"^(?:We|I|This paper|This work|This study"
    r"|Our (?:results|experiments|analysis|findings|study|work))"
    r"(?: \w+ly| also| further| then| first| empirically and theoretically)? "
    + any_word_pattern(
        "show shows demonstrate demonstrates find finds prove proves observe reveal reveals "
        "establish establishes verify confirm"
    )
    + r"(?: \w+ly| here)? that\s(?!(?:it|they|this|these|such|there)\b)"
)
"""The "We show that" before a finding."""

METHOD_SENTENCE = re.compile(
    rf"^{_WE}{_HOW} (?!"
    + any_word_pattern(
        "show* demonstrat* find* found prove* observ* argu* hypothes* believ* conclud* report* "
        "note* reveal* achiev* outperform* improv* reduc* obtain* match* surpass* exceed* confirm* "
        "suggest* establish_that are is was were can do does will could should may might must "
        "highlight* verif* validat*"
    )
    + r")[a-z]\w+ "
)
"""A sentence in which the authors say what they do, not what they found."""

PARTICIPIAL_CLAUSE = re.compile(
    "(?<=,) "
    + any_word_pattern(
        "thus thereby hence therefore leading_to resulting_in achieving enabling allowing "
        "outperforming demonstrating suggesting showing indicating making yielding providing "
        "highlighting offering improving reducing surpassing paving ensuring underscoring "
        "establishing confirming revealing obtaining requiring facilitating validating addressing"
    )
)
"""Start of a trailing consequence: ", enabling …"."""

METHOD_CLAUSE = re.compile(
    r", (?:which|where|whose|in which|while|with|and (?:then |also |further )?"
    r"(?:show|demonstrate|evaluate|apply|study|prove|find|provide|analyze|introduce|propose|discuss"
    r"|validate|present|use|develop|derive|describe|illustrate|report|establish|verify|compare))\b"
    r"|; |: | [\u2013\u2014] |\u2014"
    r"| and (?:show|demonstrate|prove|find|report|argue) (?:that|how)\b"
)
"""Start of a clause that a method sentence does not need."""

ADJUNCT = re.compile(
    r" (?:to \w+|by \w+ing|for \w+ing|through|via|using|while|based on|in order to|aimed at"
    r"|aiming to|that|which|with|across|consisting of|comprising|including|featuring|where"
    r"|(?:designed|constructed|built|derived|generated|trained|collected|drawn|obtained|inspired"
    r"|motivated|adapted|tailored|created|developed) (?:to|for|from|on|by|with|using|via|in))\b"
)
"""Start of a phrase that a method sentence does not need."""

COORDINATE_CLAUSE = re.compile(
    r"; |, (?:while|whereas|which|and (?:we|it|our|they|the|that|also|further)|with)\b"
    r"|: | [\u2013\u2014] |\u2014"
)
"""Start of a clause that no sentence needs."""

SUBORDINATE_START = re.compile(
    any_word_pattern(
        "While Although Though When If By As Since Because Given To In For With Using Despite "
        "Unlike On At From Through Under After Before Once Across Based Inspired Motivated "
        "Building Among Leveraging Whether Rather Instead Whereas Beyond Without Compared Unless "
        "Even Only Not"
    )
)
"""First word of a sentence whose main clause is not at the beginning."""

FINITE_VERB = re.compile(
    any_word_pattern(
        "is are was were has have can does do show shows showed demonstrate demonstrates achieve "
        "achieves outperform outperforms improve improves reduce reduces reveal reveals find finds "
        "found prove proves enable enables provide provides use uses yield yields remain remains "
        "require requires offer offers lead leads suggest suggests indicate indicates we_*"
    )
)
"""A verb that can be the verb of a main clause."""

INCOMPLETE_ENDING = re.compile(
    r"(?:"
    + any_word_pattern(
        "a an the and or but of to in on for with by from as is are was were be been being that "
        "which both between not no than only its their our how what why whether if when can it we "
        "able aim aims used more such designed way ways need seek seeks attempt attempts tend "
        "tends ability potential order fail fails help helps closer respect due prove show shows "
        "showing demonstrate demonstrates demonstrating find finds argue argues observe suggest "
        "suggesting reveal reveals revealing indicating evaluate assess assume assuming ensure "
        "ensuring "
        "rather so also then where while who whose each every any all one two three"
    )
    + r"|\b(?:to|that|which) \w+|\b\w{3,}ly|\b\w{3,}[^e]ed)$",
    re.I,
)
"""A last word that needs another word after it."""

ENUMERATION = re.compile(r"(?:^|[\s(])(?:1|i|a)\) ")
"""Start of a numbered list: a cut after it would keep only a part of the list."""

EMPHASIS = re.compile(r"(?<![\w*])(\*{1,2})([^*\s][^*]{0,120}?)\1(?![\w*])")
"""Words between asterisks, which some authors write for emphasis."""

BACK_REFERRING_AIM = re.compile(
    r",? (?:(?:in order )?to|that) (?:\w+ly )?(?:address|tackle|mitigate|overcome|solve|bridge|fill"
    r"|resolve|close|alleviate|remedy|deal with|handle|meet|answer|counter)(?:e?s)?"
    r" (?:this|these|such|those|both|all of these|the above|the aforementioned)"
    r" (?:[\w-]+ ){0,2}[\w-]+(?=\.?$|[.;]|, (?:which|and|that|where|a|an)\b)"
)
"""An aim that only an earlier sentence explains: "… to address these challenges."."""

BACK_REFERRING_MEANS = re.compile(
    r",? (?:that|which) (?:address|tackl|mitigat|overcom|solv|bridg|resolv|remed)(?:e?s)"
    r" (?:this|these|such|those|both) (?:[\w-]+ ){1,3}(?:via|through|using|with)(?= (?:an?|the)\b)"
)
"""A means whose aim only an earlier sentence explains: "that solves these problems via"."""

WRONG_NUMBER = re.compile(r"^(We (?:propose|present|introduce|develop|show))s\b")
"""A verb that does not agree with its subject: "We proposes"."""

SPECIFIED_PROBLEM = re.compile(
    r"\b(?:these|this|those|such) (?=(?:\w+ )?(?:challenge|limitation|issue|problem|question|gap"
    r"|shortcoming|bottleneck|difficult)\w* (?:for|in|of|with|between|by asking)\b)"
)
"""The "these" of "address these challenges for MoE training": what follows says which."""

SOLVES_BY = re.compile(
    r"^(We|I|This (?:paper|work|study))(?: \w+ly)? (?:address|tackle|bridge|fill|answer|close"
    r"|resolve|overcome|solve|mitigate|investigate|study)(?:e?s)? (?:this|these|that|it|both)"
    r"(?: (?!by\b)[\w-]+){0,3} by (?:\w+ly )?(\w+)ing\b"
)
"""The problem in "We address this gap by introducing X": only an earlier sentence explains it."""

LOST_DASH = re.compile(
    r"(?<=[a-z]{4})-(?=(?:an?|the|where|which|namely) [a-z0-9])"
    r"|(?<=[a-z]{4}s)-(?=[A-Z][\w.-]*, )"
)
"""A dash that became a hyphen: "of reasoning-a skill that", "datasets-MELD, MOSI, and"."""

SECOND_DASH = re.compile(
    r"(?<=\u2014)([\w][^\u2014.;]{5,160}?[\w)])-"
    r"(?=(?:that|which|to|and|in|for|is|are|we|with|of|by|from|on|can|the|our|shows?"
    r"|demonstrates?) )"
)
"""The dash that ends what such a dash began."""
