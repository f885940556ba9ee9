"""The LaTeX renderer: a resolved manuscript as a paper that compiles with a plain TeX Live.

    marked Markdown --pandoc--> syntax tree --writer--> paper.tex, paper.bib

Our own writer walks pandoc's tree, so that every character, table and formula of the result is ours to
answer for: text is escaped (`escape`), mathematics is let through only where it is known to compile
(`mathematics`), tables fit their column (`tables`), and each value keeps its id.
"""
