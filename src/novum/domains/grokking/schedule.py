"""When predictions are taken, and what counts as an event; shared by the driver and the evaluator.

All times are updates of the parameters since initialisation, so they do not depend on the machine.
"""

HORIZON = 3000  # updates; the common end of observation of every run
WINDOW = 200  # updates for which an accuracy must hold to be called sustained
THRESHOLD = 0.99  # the accuracy that must hold
DENSE_UNTIL, DENSE, SPARSE = 200, 5, 20  # fitting is fast and generalising slow: finer early on


def checks() -> list[int]:
    """The updates after which predictions are taken: every 5 up to 200, then every 20 to the last.

    The last is `HORIZON + WINDOW`, so that an event just before the horizon can still be confirmed.
    """
    return [*range(0, DENSE_UNTIL, DENSE), *range(DENSE_UNTIL, HORIZON + WINDOW + 1, SPARSE)]
