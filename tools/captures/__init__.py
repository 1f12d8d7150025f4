"""Makes the captures of this project from real clients and servers, each in a private network."""
