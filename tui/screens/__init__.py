"""The screens: each one question of the user's, with its style sheet beside it."""
