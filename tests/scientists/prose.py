"""The sentences of a manuscript's source, made comparable: references and numbers alike in all."""

import re

from novum.manuscript.text import CITATION, FENCE, FRONT, REFERENCE, mask, paragraphs, sentences

MARK = "REF"


def prose_of(source: str) -> str:
    """The source without front matter, code blocks, headings, tables and figures."""
    text = FRONT.sub("", source)
    text = mask(text, FENCE, by=" ")
    kept = []
    for block in paragraphs(text):
        plain = block.text.strip()
        skipped = plain.startswith(("#", "|", "Table:", "<!--", "{{fig:"))
        kept += [] if skipped else [plain]
    return "\n\n".join(kept)


def normal(sentence: str) -> str:
    """One spelling for all references, citations, identifiers and numbers."""
    text = CITATION.sub(MARK, REFERENCE.sub(MARK, sentence))
    text = re.sub(r"`[^`]*`", MARK, text)
    text = re.sub(r"\d[\d.,]*", MARK, text)
    return " ".join(text.replace("*", "").split()).strip()


def sentences_of(source: str) -> list[str]:
    """Every sentence of the prose, as it is compared."""
    return [normal(s.text) for block in paragraphs(prose_of(source)) for s in sentences(block)]


def length(sentence: str) -> int:
    """Words of a sentence, a reference counting as one."""
    return len(re.findall(r"[\w'’-]+", sentence))
