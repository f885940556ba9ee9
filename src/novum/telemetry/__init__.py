"""What a person sees of a study under way; nothing here feeds back into it."""
