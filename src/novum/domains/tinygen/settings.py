"""How much is trained, drawn and held out; protected, so that every program gets the same."""

UPDATES = 1500  # of the parameters, one batch each
BATCH = 128
DRAWN = 4096  # points that a trained model must draw
SCALE = 1.0  # standard deviation at which a model gets the points
HELD_OUT = 8192  # fresh points that they are compared with
