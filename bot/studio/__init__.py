"""The writers' studio: who may publish what, and the way to knowledge_base, which keeps articles and drafts."""
