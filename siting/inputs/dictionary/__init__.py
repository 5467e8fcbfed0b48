"""The data dictionary, the table of words and the log of issues, one reader each."""
