"""The one error of this package."""


class EncoderError(Exception):
    """A model cannot be built or loaded; the message is one sentence for the person at the terminal."""
