"""What the command line is made of besides its commands: options, printing, runs of a list."""
