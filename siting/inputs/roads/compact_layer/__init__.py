"""The compact road layer that ``siting roads`` writes."""
