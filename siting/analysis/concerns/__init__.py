"""What firms and county ask for beside the score: a backlog cleared, a site near them, industries served."""
