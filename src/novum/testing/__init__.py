"""For tests, ours and those of plugins: fakes, conformance suites, whole studies made in a moment."""
