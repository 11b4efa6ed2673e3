"""Who reads: one hash of everything that changes a vector, the key of whatever is kept of what an encoder gave.

`Encoder.fingerprint` names the weights as downloaded and is part of a run's identity; it says nothing of a trained
arm, of the pooling, the tokeniser or the longest text. Two encoders of one identity give the same vectors.
"""

from __future__ import annotations

import hashlib
import json
import threading
import weakref
from typing import TYPE_CHECKING, Any

from core.encoder.encoder import Encoder
from core.reading.formats import Reading

if TYPE_CHECKING:
    import torch

#: Raise when the same encoder and text would no longer give the same vectors or states: how a text is cleaned and cut,
#: what is normalised, in which batches it is read.
VECTOR_FORMAT = 1
#: Of a model's configuration: where it came from, and the number format, which the weights tell themselves.
_BOOKKEEPING = ("_name_or_path", "architectures", "dtype", "torch_dtype", "transformers_version", "_commit_hash")
#: What no vector is read from; a folder without these weights has them drawn anew at every loading.
_UNREAD = "pooler."

_lock = threading.RLock()
_tokenisers: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
_tensors: Any = None


def encoder_identity(encoder: Encoder, layer: int | None = None) -> str:
    """SHA-256 (hex) of everything that changes what `encoder` gives for a text.

    That is: every weight that is read (an arm's own among them), the model's configuration, the tokeniser with its
    special tokens, the prefix, the pooling and the modules after it, the longest text, `VECTOR_FORMAT`, the number
    format and the engine (`encoder.reading`), the device where it is not the processor, and `layer` for states of one
    layer (None: vectors of the last). Names and paths do not count: a copy elsewhere is the same encoder.

    Raises `ValueError` for a model whose maps were quantised, which hold their weights where they cannot be read.
    """
    identity: dict[str, Any] = {
        "format": VECTOR_FORMAT,
        "weights": _weights(encoder.model),
        "model": type(encoder.model).__name__,
        "config": _configuration(encoder.model.config),
        "tokeniser": _tokeniser(encoder.tokenizer),
        "prefix": encoder.prefix,
        "pooling": encoder.pooling,
        "max_tokens": encoder.max_tokens,
        "precision": encoder.reading.precision,
        "layer": layer,
    }
    if encoder.head is not None:
        identity["head"] = [encoder.head.describe(), _weights(encoder.head.modules)]
    # Since these can be chosen: what was kept before is still what it says.
    if encoder.reading.backend != Reading().backend:
        identity["backend"] = encoder.reading.backend
    if (device := next(encoder.model.parameters()).device.type) != "cpu":
        identity["device"] = device
    return _digest(json.dumps(identity, sort_keys=True, default=str).encode())


def _weights(model: torch.nn.Module) -> str:
    """The hash of all parameters and buffers by name; each tensor is read once, however many models share it."""
    whole = hashlib.sha256()
    named = [
        *model.named_parameters(remove_duplicate=False),
        *model.named_buffers(remove_duplicate=False),
    ]
    plain = {name for name, _ in named}
    hidden = [name for name in model.state_dict() if name not in plain]
    if hidden:
        raise ValueError(f"the weights of {hidden[0]} cannot be read: name the encoder before it was quantised")
    for name, tensor in sorted(named, key=lambda item: item[0]):
        if not name.startswith(_UNREAD):
            whole.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} {_tensor(tensor)}\n".encode())
    return whole.hexdigest()


def _tensor(tensor: torch.Tensor) -> str:
    """The hash of a tensor's bytes, remembered for as long as the tensor lives and nobody writes to it."""
    if tensor.is_inference():  # counts no writes
        return _digest(_bytes(tensor))
    state = (tensor.data_ptr(), tensor._version)
    with _lock:
        memory = _tensor_memory()
        if tensor not in memory or memory[tensor][0] != state:
            memory[tensor] = (state, _digest(_bytes(tensor)))
        digest: str = memory[tensor][1]
    return digest


def _tensor_memory() -> Any:
    """(state, hash) by tensor; made at first use, so that pages name `VECTOR_FORMAT` without loading torch."""
    global _tensors
    if _tensors is None:
        from torch.utils.weak import WeakIdKeyDictionary

        _tensors = WeakIdKeyDictionary()
    return _tensors


def _bytes(tensor: torch.Tensor) -> Any:
    """The tensor's bytes, whatever its number format."""
    import torch

    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy() if flat.numel() else b""


def _configuration(config: Any) -> dict[str, Any]:
    told = {name: value for name, value in config.to_dict().items() if name not in _BOOKKEEPING}
    return told | {"attention": getattr(config, "_attn_implementation", None)}


def _tokeniser(tokenizer: Any) -> dict[str, Any]:
    """The tokeniser's state: its backend as it would be saved, and what the wrapper adds to it."""
    return {
        "backend": _backend(tokenizer),
        "special": {role: str(token) for role, token in tokenizer.special_tokens_map.items()},
        "pad": tokenizer.pad_token_id,
        "sides": [tokenizer.padding_side, tokenizer.truncation_side],
        "split_special_tokens": bool(getattr(tokenizer, "split_special_tokens", False)),
        "size": len(tokenizer),
    }


def _backend(tokenizer: Any) -> str:
    from core.encoder.tokens import TOKENISER_LOCK

    with TOKENISER_LOCK:
        if tokenizer not in _tokenisers:
            backend = tokenizer.backend_tokenizer
            truncation, padding = backend.truncation, backend.padding
            # What the last call asked for, which says nothing of the next.
            backend.no_truncation()
            backend.no_padding()
            try:
                _tokenisers[tokenizer] = _digest(backend.to_str().encode("utf-8", "surrogatepass"))
            finally:
                if truncation is not None:
                    backend.enable_truncation(**truncation)
                if padding is not None:
                    backend.enable_padding(**padding)
        return _tokenisers[tokenizer]


def _digest(content: Any) -> str:
    return hashlib.sha256(content).hexdigest()
