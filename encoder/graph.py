"""Writes the transformer as an 8-bit ONNX graph that onnxruntime 1.20 and later runs.

The graph takes word vectors, not token numbers: their table stays out of it (see `words`). It is put together here
operator by operator. Sums and norms stay apart and loading must leave them so: onnxruntime's fused form of them is
half as fast on a CPU.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from encoder.weights import Weights

CONTRIB = "com.microsoft"
INPUTS, OUTPUT = ("words", "mask"), "states"


def write(weights: Weights, into: Path) -> None:
    """Write the file: float32 words (batch, tokens, dimension) and int32 mask in, states (like words) out."""
    import onnx
    from onnx import TensorProto, helper

    graph = _Graph(weights)
    states = graph.transformer()
    graph.nodes.append(helper.make_node("Identity", [states], [OUTPUT]))
    shape: list[str | int] = ["batch", "tokens"]
    wide = [*shape, weights.architecture.hidden]
    made = helper.make_graph(
        graph.nodes,
        "transformer",
        [
            helper.make_tensor_value_info(INPUTS[0], TensorProto.FLOAT, wide),
            helper.make_tensor_value_info(INPUTS[1], TensorProto.INT32, shape),
        ],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, wide)],
        graph.constants,
    )
    versions = [helper.make_opsetid("", 18), helper.make_opsetid(CONTRIB, 1)]
    into.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(made, opset_imports=versions, ir_version=9), str(into))


class _Graph:
    """Nodes and constants as they are added; a value is known by its name."""

    def __init__(self, weights: Weights) -> None:
        self.shape, self.tensors = weights.architecture, weights.tensors
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def transformer(self) -> str:
        """All layers; the name of the last states."""
        hidden = self.shape.hidden
        positions = self.tensors["emb.pos"].reshape(-1, hidden) + self.tensors["emb.type"].reshape(-1, hidden)[0]
        first = self.constant("first", np.zeros(1, dtype=np.int64))
        (tokens,) = self.node("Shape", [INPUTS[0]], start=1, end=2)
        (used,) = self.node("Slice", [self.constant("positions", positions), first, tokens, first])
        states = self.normalised(INPUTS[0], used, "emb.ln")
        for layer in range(self.shape.layers):
            states = self.layer(states, f"l{layer}")
        return states

    def layer(self, states: str, name: str) -> str:
        """Attention, then the two feed-forward products."""
        both = self.product(states, f"{name}.q", f"{name}.k", f"{name}.v")
        query, key, value = self.node("Split", [both], outputs=3, axis=-1, num_outputs=3)
        heads = self.shape.heads
        (seen,) = self.node("MultiHeadAttention", [query, key, value, "", INPUTS[1]], domain=CONTRIB, num_heads=heads)
        states = self.normalised(states, self.product(seen, f"{name}.ao"), f"{name}.aln")
        (active,) = self.node("Gelu", [self.product(states, f"{name}.fi")], domain=CONTRIB)
        return self.normalised(states, self.product(active, f"{name}.fo"), f"{name}.oln")

    def product(self, states: str, *names: str) -> str:
        """states · Wᵀ + b of the named matrices side by side: int8, a scale for each output."""
        inputs = self.shape.feed_forward if names[0].endswith("fo") else self.shape.hidden
        matrix = np.concatenate([self.tensors[f"{name}.w"].reshape(-1, inputs) for name in names]).T
        bias = np.concatenate([self.tensors[f"{name}.b"] for name in names])
        scales = np.maximum(np.abs(matrix).max(axis=0), 1e-9) / 127
        constants = {
            "w": np.rint(matrix / scales).astype(np.int8),
            "scale": scales.astype(np.float32),
            "zero": np.zeros(len(scales), dtype=np.int8),
            "b": bias,
        }
        stored = [self.constant(f"{names[0]}.{kind}", values) for kind, values in constants.items()]
        return self.node("DynamicQuantizeMatMul", [states, *stored], domain=CONTRIB)[0]

    def normalised(self, states: str, more: str, name: str) -> str:
        """LayerNorm(states + more)."""
        (total,) = self.node("Add", [states, more])
        scale, bias = (self.constant(f"{name}.{kind}", self.tensors[f"{name}.{kind}"]) for kind in "wb")
        return self.node("LayerNormalization", [total, scale, bias], axis=-1, epsilon=self.shape.epsilon)[0]

    def constant(self, name: str, values: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: list[str], *, outputs: int = 1, domain: str = "", **attributes: Any) -> list[str]:
        from onnx import helper

        names = [f"n{len(self.nodes)}.{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names
