"""Patches every clock it can reach and then works on without an end."""

import time

time.time = time.monotonic = time.process_time = time.perf_counter = lambda: 0.0
while True:
    sum(range(10_000))
