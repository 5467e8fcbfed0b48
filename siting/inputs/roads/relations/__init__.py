"""What relations of an extract say about its roads."""
