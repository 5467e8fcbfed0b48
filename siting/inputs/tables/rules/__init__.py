"""Rules for the rows of a table, a file a theme; `read_table` lists which apply to which table, in order."""
