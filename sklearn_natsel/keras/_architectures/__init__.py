"""How the layers of a network are arranged: a file for each kind of network."""
