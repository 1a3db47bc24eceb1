"""What a person can do to a pipeline now: each action with its consequence in words, or why it cannot be done. Pure."""

from core.actions.menu import actions_of
from core.actions.model import Action, Ask, Choice, Situation

__all__ = ["Action", "Ask", "Choice", "Situation", "actions_of"]
