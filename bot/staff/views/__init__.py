"""What each staff page does, one file for one part of the work."""
