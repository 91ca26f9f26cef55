"""Exports a sentence-transformers folder to an 8-bit ONNX file that onnxruntime 1.20 and later runs."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from typing import Any

OPSET = 18  # what torch's exporter writes without a conversion step; the oldest onnxruntime in use reads up to 23


def export(folder: Path, into: Path, *, threads: int) -> None:
    """Write `into`, the int8 ONNX file of the transformer in `folder`: ids and mask in, token states out."""
    into.parent.mkdir(parents=True, exist_ok=True)
    full = into.with_name("fp32.onnx")
    try:
        _export_float(folder, full, threads)
        _quantise(full, into)
    finally:
        for leftover in into.parent.glob("fp32*"):
            leftover.unlink()


def _export_float(folder: Path, into: Path, threads: int) -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from transformers import AutoModel

    torch.set_num_threads(threads)
    model = AutoModel.from_pretrained(str(folder), add_pooling_layer=False, attn_implementation="eager").eval()

    class States(torch.nn.Module):
        """A plain additive mask, so that the graph holds no mask-building code."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            hidden = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * -1e4
            return self.model(input_ids=input_ids, attention_mask=hidden).last_hidden_state

    ids = torch.tensor([[0, 41, 1294, 2], [0, 87, 2, 1]])
    shape = {0: torch.export.Dim("batch", max=4096), 1: torch.export.Dim("tokens", max=512)}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            States(),
            (ids, (ids != 1).long()),
            str(into),
            input_names=["input_ids", "attention_mask"],
            output_names=["last_hidden_state"],
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes={"input_ids": shape, "attention_mask": shape},
            external_data=False,
            verbose=False,
        )


def _quantise(full: Path, into: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().setLevel(logging.ERROR)
    quantize_dynamic(
        str(full),
        str(into),
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
    )
