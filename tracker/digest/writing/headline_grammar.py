"""The patterns by which `tracker.digest.writing.headline` takes sentences apart."""

import re

_REPORTING = (
    r"(?:show|shows|demonstrate|demonstrates|find|finds|found|reveal|reveals|indicate|indicates"
    r"|suggest|suggests|observe|confirm|confirms|prove|discover|report|highlight|highlights)"
)
FINITE_VERBS = frozenset(
    """
    accelerate accelerates achieve achieves allow allows answer answers are attain attains beat
    beats benefit benefits boost boosts break breaks can cannot cheat cheats collapse collapses
    could cut cuts degrade degrades deliver delivers depend depends detect detects did distort
    distorts do does double doubles drive drives drop drops eliminate eliminates emerge emerges
    enable enables encode encodes exceed exceeds exhibit exhibits explain explains fail fails
    fall falls find finds forget forgets gain gains generalize generalizes had hallucinate
    hallucinates halve halves has have help helps hurt hurts improve improves increase increases
    is keep keeps lag lags lead leads leak leaks learn learns lower lowers maintain maintains
    make makes match matches may might mislead misleads mitigate mitigates must need needs
    obtain obtains offer offers outperform outperforms perform performs plateau plateaus predict
    predicts preserve preserves prevent prevents produce produces provide provides raise raises
    reach reaches recover recovers reduce reduces relies rely remain remains require requires
    retain retains rise rises save saves scale scales shape shapes show shows solve solves
    struggle struggles succeed succeeds suffer suffers surpass surpasses tackle tackles trail
    trails transfer transfers underperform underperforms use uses was were will yield yields
    """.split()
)
# "Agents make progress but lag behind": the subject, and the first of two verbs with its object.
FIRST_OF_TWO_VERBS = re.compile(
    r"(?P<subject>[^,;:]{3,60}?) (?:" + "|".join(sorted(FINITE_VERBS)) + r") [^,;:]*? but "
    r"(?:generally |still |often |also )?(?=(?:" + "|".join(sorted(FINITE_VERBS)) + r") )"
)
# Words before the subject that only join a sentence to the one before.
OPENERS = re.compile(
    r"^(?:Furthermore|Moreover|Notably|Importantly|Surprisingly|Interestingly|Additionally|Overall"
    r"|Crucially|Specifically|Finally|In addition|In particular|Empirically|However|Also"
    r"|Consequently"
    r"|As a result|In contrast|Remarkably),? (?=\w)"
)
# The frame of a report, up to what is reported.
FRAMES = (
    re.compile(
        r"^(?:we|our|the|these|extensive|comprehensive|experiment\w*|results?|evaluations?|findings"
        r"|empirical\w*|analys[ie]s|across|through|on|in|further|systematic|training)\b"
        rf"[^.;:]{{0,160}}?\b{_REPORTING} that,? ",
        re.I,
    ),
    re.compile(
        rf"^(?:our|the|experiment\w*|results?|evaluations?|findings)\b[^.;:,]{{0,80}}?\b{_REPORTING}"
        r" an? [a-z -]+: (?=even |the |no |[a-z]+ )",
        re.I,
    ),
    re.compile(r"^(?:our|the) (?:findings?|results?|study|analysis) (?:is|are) that ", re.I),
)
# A sentence that introduces a system or a data set by name.
INTRODUCTION = re.compile(
    r"^(?:We|The paper|This paper|This work)(?: further| also)? (?:introduces?|proposes?|presents?"
    r"|releases?|describes?|develops?|built|build)"
    r" (?P<name>[A-Z][^\s,:;]*(?: [A-Z0-9][^\s,:;]*){0,3}),"
    r" (?P<what>(?:an?|the) [^;:]+)"
)
# A subject that means the paper's own system.
OWN_SUBJECT = re.compile(
    r"^(?:it|our (?:proposed )?(?:approach|method|framework|model|system|algorithm|agent|pipeline)"
    r"|th(?:e|is) (?:proposed |resulting )?(?:approach|method|framework|system)"
    r"|the proposed \w+)\b(?! of\b)",
    re.I,
)
# A subject that only earlier sentences explain.
BACKWARD_SUBJECT = re.compile(
    r"^(?:it|its|this|that|these|those|they|their|such|both|the former|the latter|he|she|here|there"
    r"|which|who|and|or|but|to|one|while|although|though|if|when|because|since|framework|system|method|approach|another|others?"
    r"|the (?:proposed|resulting|same|above|access|gains?|framework|method|approach|system|models?"
    r"|agents?))\b",
    re.I,
)
ADVERBS = re.compile(
    r"\b(?:consistently|substantially|significantly|generally|notably|progressively|also|even|further"
    r"|largely|strongly|effectively|simultaneously|ultimately|successfully|markedly|dramatically"
    r"|considerably|typically|clearly|reliably|statistically) "
)
# Where a clause may end: before a participle, a subordinate clause or a prepositional phrase.
CUT_POINTS = re.compile(
    r",? (?:achieving|outperforming|surpassing|yielding|delivering|allowing|enabling|improving"
    r"|reducing|demonstrating|highlighting|suggesting|making|providing|showing|leading|resulting"
    r"|establishing|exceeding|compared|while|whereas|although|because|due to|such as|including"
    r"|relative to|respectively|driven)\b"
    rf"| and (?=(?:{'|'.join(sorted(FINITE_VERBS))}) )"
    r"|, (?:and|but|even|which|with|by|on|in|as|under|across|though|using)\b"
    r"|; | (?:on|across|in|for|with|from|via|under|over|at|by using|through|within|without|during"
    r"|against|using|by compensating|beyond|among)\b"
)
# A clause must not end with one of these words, nor with a participle or number left open.
OPEN_ENDS = re.compile(
    r"(?:^|[\s-])(?:a|an|the|of|to|in|on|for|with|from|by|at|as|than|and|or|but|that|which|while|via"
    r"|its|their|his|our|is|are|be|can|not|no|very|more|most|less|only|when|if|how|why|what|both"
    r"|between|even|across|over|under|into|such|best|strong|new|achieves?|outperforms?|improves?"
    r"|reduces?|yields?|surpass(?:es)?|exceeds?|enables?|allows?|advantages?|relies|rely|leads?"
    r"|performs?|requires?|gains?|vs\.?|approach|behind|using|average of|up|relative)$",
    re.I,
)
# A claim without content.
VAGUE_CLAIM = re.compile(
    r"state[- ]?of[- ]?the[- ]?art|stateoftheart|SOTA|competitive performance|superior performance"
    r"|strong (?:performance|results)|promising|effectiveness|substantial improvements?$"
    r"|significant improvements?$|consistent(?:ly)? (?:gains|improve)"
    r"|outperforms? (?:strong |all |prior |existing |previous )?(?:baselines|methods|models)$",
    re.I,
)
# A gain stated without the system that has it.
QUANTITY = re.compile(
    r"\b(?:achieving|yielding|delivering|achieves?|yields?|with|offering|by)\s+"
    r"(?P<np>(?:an? )?(?:average |relative |absolute |mean |overall )*"
    r"(?:[\d.]+(?:%|x|×)?(?: and [\d.]+(?:%|x|×)?)?[ -](?:point )?(?:relative |absolute |average )*"
    r"(?:improvements?|gains?|reductions?|speedups?|increases?|accuracy)"
    r"|(?:improvement|gain|reduction|speedup|increase|accuracy) of (?:up to )?[\d.]+(?:%|x|×)?"
    r"(?: (?:percentage )?points)?)(?: in (?:[\w-]+ )?[\w-]+)?)"
)
# "23% for the best agent vs. 51%": only one of two numbers is explained.
HALF_COMPARISON = re.compile(r"\d%? for [^:]* vs\. [\d.]+%?$")
