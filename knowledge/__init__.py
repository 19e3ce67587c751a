"""What the office knows and remembers; imports nothing of ours."""
