"""What the studio can do, on a real home and against a real relay."""
