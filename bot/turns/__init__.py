"""The assistant's turns: taken from the record one at a time for a conversation, carried out, committed once."""
