"""Manuscripts: Markdown whose numbers are references, its checks, its renderers, its provenance.

    source --resolve--> resolved Markdown --render--> PDF, Markdown
       \\--check--> faults

A source never holds a measured number, only a pointer to one (`novum.manuscript.references`).
"""
