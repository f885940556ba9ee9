"""Who thinks. Each scientist fills the same slots of the steps; see `protocols.Scientist`."""
