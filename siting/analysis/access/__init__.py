"""Who is served within what time, and how evenly."""
