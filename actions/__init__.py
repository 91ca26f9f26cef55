"""The hands of the assistant: answers from the knowledge base and self-care tasks, served to Rasa over HTTP."""
