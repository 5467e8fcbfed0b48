"""Blank templates and the files of a new study."""
