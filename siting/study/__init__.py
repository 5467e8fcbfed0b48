"""The recipe: read, prepare, adapt, evaluate, vary, compare."""
