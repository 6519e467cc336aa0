"""How the program is packed: the folder without Python, the Debian package, what Windows is told of it."""
