"""The face of Relais: conversations, channels, handoff, the advisor desk and the public API."""
