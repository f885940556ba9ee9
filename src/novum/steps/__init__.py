"""One file per verb of a study. A step reads a pinned view and returns the events it would have happen."""
