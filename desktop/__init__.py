"""What a person starts: the window, and the command line."""
