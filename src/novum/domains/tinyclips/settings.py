"""How much is trained, drawn and held out; protected, so that every program gets the same."""

UPDATES = 1500  # of the parameters, one batch each
BATCH = 128
DRAWN = 1024  # clips that a trained model must draw
HELD_OUT = 4096  # fresh clips that they are compared with
