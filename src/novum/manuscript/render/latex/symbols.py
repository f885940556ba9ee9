"""Characters beyond ASCII as LaTeX knows them, for pdfTeX and for the engines that read Unicode.

Three answers, in this order: characters that every engine sets as they are; symbols that are commands of
mathematics (`amssymb` at most); letters with accents that are put together. All else is `\\novumchar{HEX}`,
which the preamble sets as the character where the engine can and as its code point where it cannot.
"""

import unicodedata

AS_IS = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĂăĄąĆćČčĎďĐđĘęĚěĞğĹĺĽľŁłŃńŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž"
    "¡¿“”‘’‚„«»‹›–—…§¶†‡•©®°±×÷µ·¥£¢¬€"
)
"""Set as they stand by pdfTeX with T1 fonts, XeTeX and LuaTeX alike."""

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ϵ": "epsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ϑ": "vartheta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu",
    "ν": "nu", "ξ": "xi", "π": "pi", "ϖ": "varpi", "ρ": "rho", "ϱ": "varrho", "σ": "sigma", "ς": "varsigma",
    "τ": "tau", "υ": "upsilon", "φ": "varphi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma",
    "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
GREEK_AS_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))

OPERATORS = {
    "−": "-", "∓": "\\mp", "∗": "\\ast", "∘": "\\circ", "⋅": "\\cdot", "∙": "\\bullet", "⊕": "\\oplus",
    "⊖": "\\ominus", "⊗": "\\otimes", "⊙": "\\odot", "∧": "\\wedge", "∨": "\\vee", "∩": "\\cap",
    "∪": "\\cup", "∖": "\\setminus", "⋆": "\\star", "⊤": "\\top", "⊥": "\\perp", "√": "\\surd",
    "∞": "\\infty", "∂": "\\partial", "∇": "\\nabla", "∑": "\\sum", "∏": "\\prod", "∫": "\\int",
    "∮": "\\oint", "ℏ": "\\hbar", "ℓ": "\\ell", "ℜ": "\\Re", "ℑ": "\\Im", "ℵ": "\\aleph", "∅": "\\emptyset",
    "∀": "\\forall", "∃": "\\exists", "∄": "\\nexists", "¬": "\\neg", "′": "\\prime", "″": "\\prime\\prime",
    "∠": "\\angle", "△": "\\triangle", "□": "\\square", "■": "\\blacksquare", "◇": "\\Diamond",
    "✓": "\\checkmark", "★": "\\bigstar", "♯": "\\sharp", "♭": "\\flat", "♮": "\\natural",
}  # fmt: skip
RELATIONS = {
    "≤": "\\leq", "≥": "\\geq", "⩽": "\\leqslant", "⩾": "\\geqslant", "≠": "\\neq", "≈": "\\approx",
    "≃": "\\simeq", "≅": "\\cong", "≡": "\\equiv", "∼": "\\sim", "≪": "\\ll", "≫": "\\gg", "∝": "\\propto",
    "∈": "\\in", "∉": "\\notin", "∋": "\\ni", "⊂": "\\subset", "⊃": "\\supset", "⊆": "\\subseteq",
    "⊇": "\\supseteq", "≺": "\\prec", "≻": "\\succ", "≲": "\\lesssim", "≳": "\\gtrsim", "∣": "\\mid",
    "∥": "\\parallel", "⊢": "\\vdash", "⊨": "\\models", "≐": "\\doteq", "≜": "\\triangleq", "∶": ":",
    "←": "\\leftarrow", "→": "\\rightarrow", "↑": "\\uparrow", "↓": "\\downarrow", "↔": "\\leftrightarrow",
    "⇐": "\\Leftarrow", "⇒": "\\Rightarrow", "⇔": "\\Leftrightarrow", "↦": "\\mapsto",
    "↪": "\\hookrightarrow",
    "⟶": "\\longrightarrow", "⟵": "\\longleftarrow", "⟹": "\\Longrightarrow", "⇝": "\\leadsto",
    "↗": "\\nearrow", "↘": "\\searrow", "∴": "\\therefore", "∵": "\\because", "≮": "\\nless", "≯": "\\ngtr",
    "≰": "\\nleq", "≱": "\\ngeq", "≁": "\\nsim", "⌊": "\\lfloor", "⌋": "\\rfloor", "⌈": "\\lceil",
    "⌉": "\\rceil", "⟨": "\\langle", "⟩": "\\rangle", "‖": "\\|", "⋯": "\\cdots", "⋮": "\\vdots",
    "⋱": "\\ddots",
}  # fmt: skip
BLACKBOARD = dict(zip("ℂℍℕℙℚℝℤ", "CHNPQRZ", strict=True))
CALLIGRAPHIC = dict(zip("ℬℰℱℋℐℒℳℛ", "BEFHILMR", strict=True))

MATH: dict[str, str] = {
    **{char: f"\\{name}" for char, name in GREEK.items()},
    **GREEK_AS_LATIN,
    **OPERATORS,
    **RELATIONS,
    **{char: f"\\mathbb{{{letter}}}" for char, letter in BLACKBOARD.items()},
    **{char: f"\\mathcal{{{letter}}}" for char, letter in CALLIGRAPHIC.items()},
}
"""A character -> what it is in mathematics."""

MATH_ONLY = {
    "±": "\\pm", "×": "\\times", "÷": "\\div", "·": "\\cdot", "…": "\\ldots", "µ": "\\mu", "°": "^{\\circ}",
    "†": "\\dagger", "‡": "\\ddagger", "•": "\\bullet", "–": "-", "—": "-", "’": "'", "‘": "`", "¬": "\\neg",
    "§": "\\S", "¶": "\\P",
}  # fmt: skip
"""Characters set as they are in text that need a command in mathematics."""

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₙₘₖᵢⱼ", "0123456789+-=()aeoxnmkij", strict=True))
ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0331": "b",
}  # fmt: skip
NAMED = {
    "™": "\\texttrademark{}", "½": "\\textonehalf{}", "¼": "\\textonequarter{}", "¾": "\\textthreequarters{}",
    "ª": "\\textordfeminine{}", "º": "\\textordmasculine{}", "¦": "\\textbrokenbar{}",
    "⟦": "{[}{[}", "⟧": "{]}{]}",
}  # fmt: skip
SPACES = {"\u00a0": "~", "\u202f": "\\,", "\u2009": "\\,", "\u200a": "\\,"}
NAMELESS = "Cc Cf Cs Co Cn"
"""Unicode categories of what leaves nothing on paper: controls, formats, surrogates, the unassigned."""


def other_text(char: str) -> str:
    """LaTeX for one character beyond ASCII in running text."""
    if char in AS_IS:
        return char
    if char in MATH:
        return f"\\ensuremath{{{MATH[char]}}}"
    if char in RAISED or char in LOWERED:
        where, letter = ("super", RAISED[char]) if char in RAISED else ("sub", LOWERED[char])
        return f"\\text{where}script{{{letter}}}"
    return SPACES.get(char) or NAMED.get(char) or _by_kind(char)


def _by_kind(char: str) -> str:
    kind = unicodedata.category(char)
    if char == "\u00ad":
        return "\\-"
    if kind in ("Zs", "Zl", "Zp"):
        return " "
    if kind in NAMELESS or char in ACCENTS:
        return ""
    return _accented(char) or _alike(char) or f"\\novumchar{{{ord(char):04X}}}"


def _accented(char: str) -> str:
    """A letter put together from a plain one and its accents; empty if it is no such letter."""
    base, *accents = unicodedata.normalize("NFD", char)
    if not (base.isascii() and base.isalpha() and accents) or any(a not in ACCENTS for a in accents):
        return ""
    built = {"i": "\\i", "j": "\\j"}.get(base, base) if accents[0] not in "\u0323\u0327\u0331" else base
    for accent in accents:
        built = f"\\{ACCENTS[accent]}{{{built}}}"
    return built


def _alike(char: str) -> str:
    """What a compatibility character stands for: a ligature's letters, a wide form's narrow one."""
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain != char and plain.isascii() and plain.isalnum() else ""


def other_math(char: str) -> str:
    """LaTeX for one character beyond ASCII within mathematics."""
    found = MATH.get(char) or MATH_ONLY.get(char)
    if found is not None:
        return f"{{{found}}}" if found.startswith("\\math") else f"{found} "
    plain = unicodedata.normalize("NFKC", char)
    if plain in MATH:
        return other_math(plain)
    if plain != char and plain.isascii() and (plain.isalnum() or plain in set("+-=<>()!,.;:/")):
        return plain
    if unicodedata.category(char) in (*NAMELESS.split(), "Zs", "Zl", "Zp"):
        return " "
    return f"\\text{{{other_text(char)}}}"
