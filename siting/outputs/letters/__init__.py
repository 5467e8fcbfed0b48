"""Letters to the departments that conditions are asked of, and the table of their replies."""
