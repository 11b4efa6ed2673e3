"""One way to any encoder: the embedded one, a local folder, or a name on the Hub."""

from __future__ import annotations

from pathlib import Path

from core.encoder.device import find_device, on_device
from core.encoder.embedded import NAME as EMBEDDED
from core.encoder.embedded import load_embedded
from core.encoder.encoder import Encoder
from core.encoder.folder import load_folder
from core.encoder.hub import download
from core.errors import BadInput

__all__ = ["EMBEDDED", "Encoder", "load_encoder"]


def load_encoder(spec: str = EMBEDDED, device: str = "cpu") -> Encoder:
    """The encoder that `spec` names, frozen and in eval mode, on `device` (see `core.encoder.device.find_device`).

    `spec` is `embedded`, a folder of transformers or sentence-transformers, or a name on the Hub such as
    `FacebookAI/xlm-roberta-base` (downloaded once into the Hub's cache). Weights are read from safetensors
    only and no code of the model's is ever run. Every failure is a BadInput of one sentence.
    """
    place = find_device(device)
    return on_device(_load(spec.strip()), place)


def _load(spec: str) -> Encoder:
    if spec == EMBEDDED:
        return load_embedded()
    if not spec or not spec.isprintable():
        raise BadInput(f"No encoder is named {spec!r}: name `{EMBEDDED}`, a local folder, or a model on the Hub.")
    try:
        path = Path(spec).expanduser()
        if path.is_dir():
            return load_folder(path.resolve(), name=str(path.resolve()))
        looks_local = path.exists() or path.is_absolute() or spec.startswith((".", "~", "\\")) or spec.count("/") > 1
    except (OSError, RuntimeError):  # a name too long for a path, or a home folder that nobody has
        looks_local = True
    if looks_local:
        raise BadInput(f"There is no encoder folder {spec}: name a folder with config.json and model.safetensors.")
    return load_folder(download(spec), name=spec)
