"""Search policies: `propose(state, rng) -> proposals`. They read the state and never run anything."""
