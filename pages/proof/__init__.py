"""What the Code and Proof sections of the labs are made of, one module for each lab."""
