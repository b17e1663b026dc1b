"""Built-in campaign mechanics, each in a folder of its own."""
