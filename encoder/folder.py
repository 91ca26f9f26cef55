"""Writes the weights out as an ordinary sentence-transformers folder."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

from encoder.model import E5_PROMPTS, PROMPTS_FILE
from encoder.weights import Architecture, Tensor, Weights

MAX_TOKENS = 512
SPECIAL = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def write(weights: Weights, folder: Path) -> None:
    """Everything sentence-transformers reads: configuration, safetensors, tokenizer, pooling, prompts."""
    from safetensors.numpy import save_file

    save_file(state_dict(weights), str(folder / "model.safetensors"), metadata={"format": "pt"})
    tokenizer(weights).save(str(folder / "tokenizer.json"))
    for name, content in configuration(weights.architecture).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (folder / "2_Normalize").mkdir(exist_ok=True)


def state_dict(weights: Weights) -> dict[str, Tensor]:
    """The tensors under the names of BertModel, each in its shape."""
    shape = weights.architecture
    matrices = {"emb.word": shape.hidden, "emb.pos": shape.hidden, "emb.type": shape.hidden}
    tensors: dict[str, Tensor] = {}
    for short, tensor in weights.tensors.items():
        if short in EMBEDDING_NAMES:
            columns = matrices.get(short)
            tensors[EMBEDDING_NAMES[short]] = tensor.reshape(-1, columns) if columns else tensor
            continue
        layer, part, kind = re.fullmatch(r"l(\d+)\.(\w+)\.([wb])", short).groups()  # type: ignore[union-attr]
        name = f"encoder.layer.{layer}.{LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"
        is_matrix = kind == "w" and not part.endswith("ln")
        inputs = shape.feed_forward if part == "fo" else shape.hidden
        tensors[name] = tensor.reshape(-1, inputs) if is_matrix else tensor
    return tensors


def tokenizer(weights: Weights) -> Any:
    """The unigram tokenizer; characters are normalised as the weights file says, the rest by NFKC."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    made = Tokenizer(models.Unigram(weights.pieces, unk_id=SPECIAL["<unk>"], byte_fallback=False))
    steps: list[Any] = []
    for output in ("", " "):
        characters = "".join(f"\\x{{{ord(c):04X}}}" for c in beyond_nfkc(weights.normalisation, output))
        steps.append(normalizers.Replace(Regex(f"[{characters}]"), output))
    made.normalizer = normalizers.Sequence([*steps, normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    made.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    made.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    made.add_special_tokens([AddedToken("<mask>", special=True, normalized=False, lstrip=True)])
    return made


def beyond_nfkc(table: dict[str, str], output: str) -> str:
    """Characters that the model turns into `output` though NFKC would not."""
    return "".join(c for c, out in table.items() if out == output and unicodedata.normalize("NFKC", c) != output)


def configuration(shape: Architecture) -> dict[str, dict[str, Any] | list[dict[str, str]]]:
    """File name → content of each JSON file of the folder."""
    return {
        "config.json": _transformer(shape),
        "modules.json": [
            {"idx": str(i), "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(
                [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
            )
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {
            "max_seq_length": MAX_TOKENS,
            "do_lower_case": False,
            "model_args": {"add_pooling_layer": False},
        },
        PROMPTS_FILE: {
            "prompts": {**E5_PROMPTS, "document": E5_PROMPTS["passage"]},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_TOKENS,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
        },
    }


def _transformer(shape: Architecture) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.token_types,
        "layer_norm_eps": round(shape.epsilon, 15),
        "hidden_act": "gelu",
        "pad_token_id": SPECIAL["<pad>"],
        "attention_probs_dropout_prob": 0.1,
        "hidden_dropout_prob": 0.1,
        "torch_dtype": "float32",
    }
