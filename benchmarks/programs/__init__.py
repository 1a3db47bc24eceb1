"""Programs that the benchmarks run in a terminal."""
