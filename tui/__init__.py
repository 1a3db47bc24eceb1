"""The application: composition root, command line, screens, key bindings, themes."""
