"""What firms and county ask for beside the score, in words and as records."""
