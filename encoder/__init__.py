"""Text to vector: ``load`` an encoder, ``encode`` texts. numpy, onnxruntime and tokenizers only."""

from encoder.errors import EncoderError
from encoder.model import Encoder, Kind, load

__all__ = ["Encoder", "EncoderError", "Kind", "load"]
