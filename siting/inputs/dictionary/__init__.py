"""The data dictionary, the table of messages and the table of words, one reader each."""
