"""Two registers and two runs → who came, went and moved, and what each change did."""
