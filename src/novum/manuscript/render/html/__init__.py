"""The HTML paper: one file without a network, in which every number opens its trail.

    marked Markdown --pandoc--> HTML --tree, allowed--> tree --typeset--> tree --page--> file

Nothing of pandoc's output is trusted: it is read into a tree of allowed elements and attributes
(`novum.manuscript.render.html.tree`), and only that tree is written. Drawings go the same way.
"""
