from novum.manuscript.document import parse_document
from novum.manuscript.render.markdown import MarkdownRenderer

TEXT = """+++
title = "A title"
authors = "Somebody"
keywords = ["a", "b"]

[disclosure]
"Written by" = "a machine"
Protocol = "`abc`"
+++

# Abstract

In short.

# Introduction

```
# Abstract
```

At length.

# Provenance {.appendix}

Where from.

# More

And more.
"""


def test_a_manuscript_is_parted():
    document, faults = parse_document(TEXT)
    assert faults == ()
    assert document.front.title == "A title" and list(document.front.disclosure) == ["Written by", "Protocol"]
    assert document.abstract == "In short."
    assert document.body.startswith("# Introduction") and document.body.endswith("At length.")
    assert document.appendix.startswith("# Provenance {.appendix}") and document.appendix.endswith(
        "And more."
    )


def test_text_without_parts_is_all_body():
    document, faults = parse_document("Just text.")
    assert (document.body, document.abstract, document.appendix, faults) == ("Just text.", "", "", ())


def test_broken_front_matter_is_a_fault_and_the_text_survives():
    document, (fault,) = parse_document("+++\ntitle = \n+++\n\nText.")
    assert fault.rule == "front-matter" and document.body == "Text."


def test_plain_markdown_reads_anywhere():
    figure = "![A *caption*.](figures/f.svg){#fig-f .wide}"
    text = (
        MarkdownRenderer()
        .render(TEXT.replace("At length.", f"See [Figure 1](#fig-f).\n\n{figure}"), {})
        .decode()
    )
    assert text.startswith("# A title\n") and "+++" not in text and "{.appendix}" not in text
    assert (
        "## Abstract\n\nIn short." in text and "\n## Introduction\n" in text and "\n## Provenance\n" in text
    )
    assert (
        "![Figure 1](figures/f.svg)" in text and "*Figure 1.* A *caption*." in text and 'id="fig-f"' in text
    )
    assert "- **Protocol:** `abc`" in text
