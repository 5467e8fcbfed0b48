"""Files of every kind → rows of text with the numbers a planner sees."""
