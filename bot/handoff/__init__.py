"""Passing a conversation to a human, with who is asking, why, and who is best placed to answer."""
