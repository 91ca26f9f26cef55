"""Tasks that an advisor prepares and the customer confirms: described as a form, checked, put in words, done once."""
