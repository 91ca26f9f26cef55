"""Tasks that an advisor prepares and the customer confirms, in the chat, with one press."""
