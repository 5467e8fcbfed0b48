"""What every room may use: bytes of files, words near to a word, parts of a network, threads."""
