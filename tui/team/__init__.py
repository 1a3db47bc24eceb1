"""Team playbooks: what a team would check, written as YAML in the user's configuration folder.

The way of a file: `document` (text to values with their places) → `schema` and `checked` (its form) → `meaning` (its
sense) → `build` (the same `core.playbook.Playbook` objects as the built-in ones). `load` finds the files.
"""
