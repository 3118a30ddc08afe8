"""Tables of LaTeX commands that occur in the titles and abstracts of arXiv.

Data only, read by ``latex_parser``. Public surface: the tables.
"""

from summarizer.text.wordlists import word_set

ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "H": "\u030b", "k": "\u0328", "r": "\u030a",
    "u": "\u0306", "d": "\u0323",
}  # fmt: skip
"""Text accents: command -> combining character."""

MATH_ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "Tilde": "\u0303", "bar": "\u0304", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7",
    "check": "\u030c", "breve": "\u0306",
}  # fmt: skip
"""Accents of formulas: command -> combining character."""

FIXED_TEXT = {
    "ss": "\u00df", "o": "\u00f8", "O": "\u00d8", "l": "\u0142", "L": "\u0141", "ae": "\u00e6",
    "AE": "\u00c6", "oe": "\u0153", "OE": "\u0152", "aa": "\u00e5", "AA": "\u00c5", "i": "\u0131",
    "j": "\u0237", "LaTeX": "LaTeX", "TeX": "TeX", "textemdash": "\u2014", "textendash": "\u2013",
    "textgreater": ">", "textless": "<", "textasciitilde": "~", "textbackslash": "/",
    "textquoteright": "\u2019", "textquoteleft": "\u2018", "textquotedbl": '"', "percent": "%",
    "textdegree": "\u00b0", "degree": "\u00b0", "deg": "\u00b0", "textmu": "\u03bc",
    "ldots": "\u2026", "dots": "\u2026", "dotsc": "\u2026", "dotsb": "\u2026", "cdots": "\u2026",
    "textellipsis": "\u2026", "lVert": "\u2016", "rVert": "\u2016", "Vert": "\u2016", "|": "\u2016",
    "vert": "|", "lvert": "|", "rvert": "|", "mid": "|", "sim": "~", "ast": "*", "star": "\u22c6",
    "epsilon": "\u03b5", "langle": "\u27e8", "rangle": "\u27e9", "iid": "i.i.d.", "eg": "e.g.",
    "ie": "i.e.", "etal": "et al.", "textregistered": "\u00ae", "texttrademark": "\u2122",
    "to": "\u2192", "le": "\u2264", "ge": "\u2265", "ne": "\u2260", "gets": "\u2190",
    "land": "\u2227", "lor": "\u2228", "prime": "\u2032", "checkmark": "\u2713",
    ",": " ", ";": " ", ":": " ", "!": "", " ": " ", "\n": " ", "/": "", "@": "", "-": "",
    "lbrace": "{", "rbrace": "}", "\\": " ",
    "(": "", ")": "", "[": "", "]": "", ">": " ", "": "", "+": "", "<": "",
}  # fmt: skip
"""Commands replaced by a fixed text, in prose and in formulas."""

FIXED_TEXT |= {
    "textdollar": "$", "textbar": "|", "textunderscore": "_", "textquotesingle": "'",
    "textquotedblleft": "\u201c", "textquotedblright": "\u201d", "quotedbl": '"', "rq": "\u2019",
    "lq": "\u2018", "quotedblbase": "\u201e", "quotesinglbase": "\u201a", "textpercent": "%",
    "dag": "\u2020", "ddag": "\u2021", "textdagger": "\u2020", "textdaggerdbl": "\u2021",
    "dh": "\u00f0", "DH": "\u00d0", "th": "\u00fe", "TH": "\u00de", "dj": "\u0111", "DJ": "\u0110",
    "ng": "\u014b", "NG": "\u014a", "IJ": "\u0132", "ij": "\u0133", "textsterling": "\u00a3",
    "texteuro": "\u20ac", "textyen": "\u00a5", "textcent": "\u00a2", "textpermille": "\u2030",
    "textperthousand": "\u2030", "permil": "\u2030", "perthousand": "\u2030",
    "textonequarter": "\u00bc", "textonehalf": "\u00bd", "textthreequarters": "\u00be",
    "textonesuperior": "\u00b9", "texttwosuperior": "\u00b2", "textthreesuperior": "\u00b3",
    "textparagraph": "\u00b6", "textsection": "\u00a7", "textbullet": "\u2022",
    "textperiodcentered": "\u00b7", "textasteriskcentered": "*", "textbraceleft": "{",
    "textbraceright": "}", "textasciicircum": "^", "textasciigrave": "`",
    "textasciiacute": "\u00b4",
    "textasciimacron": "\u00af", "textasciidieresis": "\u00a8", "textcopyright": "\u00a9",
    "textservicemark": "\u2120", "textcelsius": "\u00b0C", "celsius": "\u00b0C",
    "textohm": "\u03a9", "ohm": "\u03a9", "micro": "\u03bc", "texttimes": "\u00d7",
    "textdiv": "\u00f7", "textpm": "\u00b1", "textminus": "\u2212", "textlnot": "\u00ac",
    "textsurd": "\u221a", "textnumero": "\u2116", "textexclamdown": "\u00a1",
    "textquestiondown": "\u00bf", "textbardbl": "\u2016", "textlangle": "\u27e8",
    "textrangle": "\u27e9", "textleftarrow": "\u2190", "textrightarrow": "\u2192",
    "textuparrow": "\u2191", "textdownarrow": "\u2193", "textopenbullet": "\u25e6",
    "textordfeminine": "\u00aa", "textordmasculine": "\u00ba", "textcompwordmark": "",
    "nobreakspace": " ", "thinspace": " ", "enspace": " ", "qquad": " ", "enskip": " ",
    "negthinspace": "", "space": " ", "nobreakdash": "",
}  # fmt: skip
"""Text symbols of LaTeX and of the packages that fonts and units need."""

OPERATORS = word_set(
    "log ln exp max min sup inf lim argmax argmin arg det dim ker deg gcd sin cos tan tanh cosh "
    "sinh arctan Pr poly polylog rank tr diag sign sgn softmax mod bmod loglog"
)
"""Named functions, set upright: the text is the name."""

SPACED_SYMBOLS = word_set(
    "approx asymp cong eq equiv gg geq geqslant gtrsim in iff implies ge le leftarrow gets "
    "leftrightarrow leq leqslant lesssim ll longrightarrow mapsto mid models ne neq notin "
    "Rightarrow Leftrightarrow Longrightarrow preceq propto rightarrow sim simeq subset subseteq "
    "succeq supset supseteq to triangleq vee wedge land lor cap cup setminus oplus otimes odot "
    "pm mp circ"
)
"""Relations and binary operators that read better with a space on each side."""

DROPPED_COMMANDS = word_set(
    "cite citep citet citealp citealt citeauthor citeyear citeyearpar parencite textcite autocite "
    "nocite footnote footnotemark footnotetext thanks label ref eqref cref Cref autoref pageref "
    "vspace hspace vskip hskip includegraphics begin end phantom hphantom vphantom index tag "
    "pagestyle thispagestyle todo color pagecolor definecolor"
)
"""Commands dropped with their argument: notes, citations, references, spacing."""

SWITCHES = word_set(
    "bf it em rm sc sf tt sl small tiny large Large footnotesize scriptsize normalsize "
    "noindent centering xspace left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl "
    "Biggr displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits bfseries itshape "
    "ttfamily scshape sffamily rmfamily upshape mdseries newline linebreak par protect relax "
    "cal frak mathstrut nonumber allowbreak unskip ignorespaces middle smallskip medskip bigskip "
    "maketitle hfill hline item boldmath break newblock"
)
"""Commands dropped without an argument; the text after them stays."""

_ONE_ARGUMENT = word_set(
    "emph textbf textit texttt textrm textsf textsc textsl textup textmd textnormal text uline "
    "underline ul underbar overline mathcal mathrm mathbf mathsf mathtt mathit mathfrak mathscr "
    "mathds boldsymbol bm pmb mbox hbox fbox boxed operatorname smash url path nolinkurl enquote "
    "mathop mathrel mathbin mathord mathnormal underbrace overbrace romannumeral num gls acrshort "
    "acrfull acrlong ac acp acf acl acs Ac Gls glspl uppercase lowercase MakeUppercase textquote "
    "ensuremath nth hyperref vcenter hlt st sout"
)
_TWO_ARGUMENTS = word_set("href textcolor colorbox hyperlink hypertarget raisebox")
LAST_ARGUMENT_COMMANDS = dict.fromkeys(_ONE_ARGUMENT, 1) | dict.fromkeys(_TWO_ARGUMENTS, 2)
"""Commands replaced by the last of so many arguments: fonts, boxes, links."""

SUBSCRIPTS = dict(
    zip(
        "0123456789+-=()aehijklmnoprstuvx\u03b2\u03b3\u03c1\u03c6\u03c7",
        "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089\u208a\u208b\u208c\u208d\u208e"
        "\u2090\u2091\u2095\u1d62\u2c7c\u2096\u2097\u2098\u2099\u2092\u209a\u1d63\u209b\u209c\u1d64"
        "\u1d65\u2093\u1d66\u1d67\u1d68\u1d69\u1d6a",
        strict=True,
    )
)
"""Characters that have a subscript form in Unicode."""

SUPERSCRIPTS = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyzT",
        "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b\u207c\u207d\u207e"
        "\u1d43\u1d47\u1d9c\u1d48\u1d49\u1da0\u1d4d\u02b0\u2071\u02b2\u1d4f\u02e1\u1d50\u207f\u1d52"
        "\u1d56\u02b3\u02e2\u1d57\u1d58\u1d5b\u02b7\u02e3\u02b8\u1dbb\u1d40",
        strict=True,
    )
)
"""Characters that have a superscript form in Unicode."""
