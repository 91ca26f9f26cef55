"""The demo shop of Maison Alder: a back office API over a seeded SQLite, and a page that embeds the chat."""
