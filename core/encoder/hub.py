"""A model's files from the Hub, or from its local cache when the Hub cannot be reached."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import BadInput

# What an encoder needs, and never pickled weights nor code.
_PATTERNS = [
    "config.json",
    "model.safetensors",
    "model-*.safetensors",
    "model.safetensors.index.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "spiece.model",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "[0-9]_*/config.json",
    "[0-9]_*/model.safetensors",
    "sentence_*_config.json",
    "spm.model",
    "tokenizer.model",
    "0_Transformer/*.json",
    "0_Transformer/*.safetensors",
    "0_Transformer/vocab.txt",
    "0_Transformer/sentencepiece.bpe.model",
]


def download(name: str) -> Path:
    """The folder with the newest files of the model `name`; only what is missing in the cache is downloaded.

    Raises BadInput, with one sentence, for an unknown or gated name and when there is neither a network nor
    a copy.
    """
    from huggingface_hub import constants, snapshot_download, try_to_load_from_cache
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    try:
        return Path(snapshot_download(name, allow_patterns=_PATTERNS))
    except HFValidationError:
        raise BadInput(f"{name} is neither a folder nor a name on the Hub (owner/model): check its spelling.") from None
    except GatedRepoError:
        raise BadInput(
            f"The Hub gives {name} only to people who accepted its terms: accept them there and run `hf auth login`."
        ) from None
    except RepositoryNotFoundError:
        raise BadInput(
            f"The Hub has no model {name}, or it is private: check its spelling, or run `hf auth login`."
        ) from None
    except LocalEntryNotFoundError as error:
        # Files that another program put into the cache may do, though the listing is unknown.
        config = try_to_load_from_cache(name, "config.json")
        if isinstance(config, str):
            return Path(config).parent
        raise BadInput(_unreachable(name, error, constants.HF_HUB_OFFLINE, constants.ENDPOINT)) from None
    except HfHubHTTPError as error:
        raise BadInput(f"The Hub refused {name} ({_first_line(error)}): try again later.") from None
    except OSError as error:
        raise BadInput(f"{name} could not be downloaded ({_first_line(error)}): try again.") from None
    except Exception as error:  # the HTTP client's own errors: a proxy, a broken transfer
        raise BadInput(f"{name} could not be downloaded ({_first_line(error)}): check the network.") from None


def _unreachable(name: str, error: Exception, offline: bool, endpoint: str) -> str:
    if offline or os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "on", "yes", "true"):
        return (
            f"{name} is not in the Hub's local cache and HF_HUB_OFFLINE is set: unset it to download the model, "
            "or use `embedded`."
        )
    return (
        f"{name} is not in the Hub's local cache and {endpoint} cannot be reached: check the network, "
        "name a local folder, or use `embedded`."
    )


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).rstrip(".:")[:200]
