"""What changed between two studies: its marks on maps and its page."""
