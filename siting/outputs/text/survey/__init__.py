"""What is worth finding out, and of whom to ask it."""
