"""What a formula may be made of: commands of LaTeX, amsmath and amssymb, with their arguments.

A formula that uses anything else is printed as it was written. So no formula can run a command that reads or
writes a file, and each one that is let through compiles.
"""

from novum.manuscript.render.latex.symbols import GREEK, OPERATORS, RELATIONS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SIGNS = frozenset(
    value.strip("\\")
    for table in (OPERATORS, RELATIONS)
    for value in table.values()
    if value.count("\\") == 1
)
FUNCTIONS = _words(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf injlim ker lg lim "
    "liminf limsup ln log max min Pr projlim sec sin sinh sup tan tanh "
)
LARGE = _words(
    "sum prod coprod int iint iiint oint bigcap bigcup bigoplus bigotimes bigvee bigwedge biguplus bigsqcup "
)
PLAIN = (
    SIGNS
    | FUNCTIONS
    | LARGE
    | frozenset(GREEK.values())
    | _words(
        "pm times div cdot ldots cdots dots dotsb dotsc dotsm dotsi vdots ddots colon vert Vert lvert "
        "rvert lVert rVert lbrace rbrace lbrack rbrack langle rangle le ge ne to gets land lor lnot neg "
        "iff implies impliedby owns dagger ddagger amalg wr sqcap sqcup uplus diamond bigcirc ominus "
        "oslash odot leqq geqq lesssim gtrsim asymp smile frown sqsubset sqsupset sqsubseteq sqsupseteq "
        "vdash dashv subsetneq supsetneq nsubseteq nmid nparallel varnothing complement imath jmath wp "
        "mho eth Box Diamond triangleleft triangleright trianglelefteq longmapsto longleftrightarrow "
        "Longleftarrow Longleftrightarrow updownarrow Uparrow Downarrow rightharpoonup rightharpoondown "
        "leftharpoonup leftharpoondown rightleftharpoons hookleftarrow searrow swarrow nwarrow "
        "rightsquigarrow quad qquad thinspace displaystyle textstyle scriptstyle scriptscriptstyle bmod "
        "backslash clubsuit spadesuit heartsuit diamondsuit ell hbar hslash nabla partial infty prime "
        "emptyset forall exists top bot S P ldotp cdotp lhd rhd unlhd unrhd bowtie Join digamma varkappa "
        "beth gimel daleth circledR blacktriangle lozenge blacklozenge angle measuredangle checkmark "
        "maltese sphericalangle "
    )
)
ONE = _words(
    "hat widehat bar overline underline vec tilde widetilde dot ddot dddot check breve acute grave "
    "mathring overrightarrow overleftarrow overbrace underbrace mathbb mathcal mathfrak mathrm mathbf "
    "mathit mathsf mathtt boldsymbol mathnormal operatorname operatorname* mathop mathbin mathrel "
    "mathord mathopen mathclose mathpunct phantom hphantom vphantom boxed pmod mod smash "
)
TWO = _words("frac dfrac tfrac cfrac binom dbinom tbinom overset underset stackrel ")
OPTIONAL = _words("sqrt xrightarrow xleftarrow ")
TEXTUAL = {
    "text": "text", "textrm": "textrm", "textbf": "textbf", "textit": "textit", "textsf": "textsf",
    "texttt": "texttt", "mbox": "text", "textnormal": "text", "hbox": "text",
}  # fmt: skip
SIZES = frozenset(f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m"))
DELIMITERS = _words(
    "langle rangle lfloor rfloor lceil rceil vert Vert lvert rvert lVert rVert lbrace rbrace lbrack "
    "rbrack uparrow downarrow updownarrow Uparrow Downarrow backslash "
)
ALIASES = {"bm": "boldsymbol", "mathscr": "mathcal", "mathds": "mathbb", "bold": "mathbf", "Bbb": "mathbb"}
SPELLED = {"lt": "<", "gt": ">", "coloneqq": ":=", "argmax": "\\operatorname*{arg\\,max}",
           "argmin": "\\operatorname*{arg\\,min}", "dag": "\\dagger", "ddag": "\\ddagger"}  # fmt: skip
DROPPED = _words("nonumber notag ")
ENVIRONMENTS = {
    "aligned": 20, "gathered": 1, "cases": 2, "matrix": 10, "pmatrix": 10, "bmatrix": 10, "Bmatrix": 10,
    "vmatrix": 10, "Vmatrix": 10, "smallmatrix": 10,
}  # fmt: skip
"""Environments with rows -> the columns that they may have."""
OUTER = {
    **dict.fromkeys(("align", "align*", "eqnarray", "eqnarray*", "flalign", "flalign*", "split"), "aligned"),
    **dict.fromkeys(("gather", "gather*", "multline", "multline*"), "gathered"),
}
TRANSPARENT = _words("equation equation* displaymath math ")
