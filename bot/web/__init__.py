"""The HTTP and WebSocket doors: the public API, the desk's door, the pages."""
