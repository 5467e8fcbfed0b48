"""Sheets of the workbook on what firms and county ask for beside the score."""
