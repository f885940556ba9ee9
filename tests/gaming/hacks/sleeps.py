"""Spends no processor time and never ends, to outlive the clock that counts it."""

import time

while True:
    time.sleep(0.05)
