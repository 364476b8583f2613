"""What computes, and where there is room to write."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from alignlib.doctor.finding import Finding, broken, gigabytes, note, well

if TYPE_CHECKING:
    import torch

ROOM = 100e6
"""Bytes that a training run of the tiny model, its checkpoints and a notebook's pictures take."""


def cpu() -> Iterator[Finding]:
    """The processor, and whether it computes."""
    import torch

    from alignlib.optimization import cpu_has_bfloat16

    memory = ""
    if hasattr(os, "sysconf"):  # not on Windows
        memory = gigabytes(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) + ", "
    threads = torch.get_num_threads()
    half = "with" if cpu_has_bfloat16() else "without"
    yield _device(
        torch.device("cpu"),
        f"{os.cpu_count()} cores, {threads} thread{'s' * (threads > 1)}, {memory}"
        f"{torch.backends.cpu.get_cpu_capability()}, {half} bfloat16",
    )


def gpu() -> Iterator[Finding]:
    """Every GPU, and whether it computes."""
    import torch

    for number in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(number)
        name = torch.cuda.get_device_name(number)
        words = f"{name}, {gigabytes(total)}, {gigabytes(free)} free"
        yield _device(torch.device("cuda", number), words)
    if torch.backends.mps.is_available():
        yield _device(torch.device("mps"), "Apple's")
    elif not torch.cuda.device_count():
        yield note("GPU", "none that PyTorch can use", _no_gpu())


def _no_gpu() -> str:
    import torch

    if shutil.which("nvidia-smi") is None:
        return "The course needs none."
    if torch.version.cuda is None:
        return "There is one, but this PyTorch is a build for CPUs: install the one for CUDA."
    return f"There may be one: its driver has to suit CUDA {torch.version.cuda}; see nvidia-smi."


def _device(device: torch.device, words: str) -> Finding:
    """Whether a small product and its gradient are on a device what they are by hand."""
    import torch

    name = str(device)
    try:
        a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=device, requires_grad=True)
        product = a @ a
        product.sum().backward()
        assert a.grad is not None
        computed = product.tolist(), a.grad.tolist()
    except RuntimeError as error:
        said = str(error).partition("\n")[0]
        return broken(name, f"{words}; it can't compute: {said}", _instead(name))
    if computed != ([[7.0, 10.0], [15.0, 22.0]], [[7.0, 11.0], [9.0, 13.0]]):
        return broken(name, f"{words}; it computes wrongly", _instead(name))
    return well(name, words)


def _instead(name: str) -> str:
    if name == "cpu":
        return "Install PyTorch again: pip install --force-reinstall torch"
    return 'Until it does, load models with device="cpu".'


def home() -> Iterator[Finding]:
    """The home folder, where caches go by default."""
    advice = "Set ALIGNLIB_CACHE, HF_HOME and MPLCONFIGDIR to folders that you can write."
    try:
        folder = Path.home()
    except RuntimeError:
        yield note("home folder", "there is none", advice)
        return
    if not folder.is_dir():
        yield note("home folder", f"{folder} is not there", advice)
    elif (why := why_not_writable(folder)) is not None:
        yield note("home folder", f"can't be written: {why}", advice)
    else:
        yield well("home folder", "can be written")


def disk() -> Iterator[Finding]:
    """Room for temporary files and where the user is."""
    yield _place("temporary folder", Path(tempfile.gettempdir()), "set TMPDIR to another folder")
    yield _place("current folder", Path.cwd(), "go to another folder")


def _place(name: str, folder: Path, otherwise: str) -> Finding:
    free = shutil.disk_usage(folder).free
    if (why := why_not_writable(folder)) is not None:
        return broken(name, f"can't be written: {why}", f"Make it writable, or {otherwise}.")
    if free < ROOM:
        found = f"{gigabytes(free)} free; a training run needs {gigabytes(ROOM)}"
        return broken(name, found, f"Free some space, or {otherwise}.")
    return well(name, f"{gigabytes(free)} free")


def why_not_writable(folder: Path) -> str | None:
    """Why nothing can be written into a folder, found by trying; None if it can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
    except OSError as error:
        return error.strerror or str(error)
    return None
