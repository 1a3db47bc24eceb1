"""Where the time of a pipeline goes, and what would make it shorter. Pure; the method stands in docs/profile.md."""
