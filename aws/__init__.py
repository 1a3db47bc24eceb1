"""The only room that talks to AWS. Imports nothing by itself: it is imported after the first paint."""
