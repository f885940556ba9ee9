"""Benchmarks of Novum itself: whole runs, held against what is known beforehand."""
