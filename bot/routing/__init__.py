"""Who is offered which waiting customer, and how long the wait will be: no database, no clock of its own."""
