"""Words, sentences and cells as people read them, in Chinese and English."""
