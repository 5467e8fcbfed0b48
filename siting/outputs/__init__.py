"""Evaluation → what people open: the only writers."""
