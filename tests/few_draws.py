"""Options for runs whose draws a test does not look at: they end in half the time."""

FEW_DRAWS = ("--set=robustness.joint_draws=20", "--set=robustness.quick_seeds=1")
