"""The program in a browser: one server, one program of its own a visitor, and a guard before both."""
