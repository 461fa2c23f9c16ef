"""Session reminders: which are planned when a seat is given, and whether each still holds when it is due."""


def register() -> None:
    """Tell the outbox how to judge the kinds of this app."""
