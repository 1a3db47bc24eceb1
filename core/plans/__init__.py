"""Plans: pure constructors of changes, one file an AWS service. None of them reads or writes anything."""
