"""Evidence: design of experiments, statistics, claims, figures and the provenance of every number.

Pure functions of records and numbers. Nothing here runs a trial, reads a clock or draws from a shared
random state; NumPy, SciPy and matplotlib are imported where they are used.
"""
