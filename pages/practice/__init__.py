"""Practice: questions, recall, and programming challenges with the sandbox that runs a visitor's code."""
