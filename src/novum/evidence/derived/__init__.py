"""The statistics derived from a study, enumerated: of arms, of claims, of the study as a whole."""
