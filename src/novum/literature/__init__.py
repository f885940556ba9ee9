"""Literature: what is known, by citation key, and what it states about a contrast. Offline for now."""
