"""Costs, appraisal, and who gains or loses."""
