"""The front door: what opens, what is refused, and what the sentence says."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from transformers import AutoModelForCausalLM

import alignlib
from alignlib import LM
from alignlib.errors import (
    DeviceError,
    ModelNotFoundError,
    PromptError,
    UnsafeCheckpointError,
)
from alignlib.model import PLAIN_TEMPLATE
from tests.random_models import END, write_model

CHAT = [{"role": "system", "content": "be kind."}, {"role": "user", "content": "hello."}]


@pytest.fixture
def folder(llama_folder: Path, tmp_path: Path) -> Path:
    """A copy of a model's folder, to be spoilt."""
    return Path(shutil.copytree(llama_folder, tmp_path / "model"))


def test_a_folder_opens_with_everything_set(llama: LM, llama_folder: Path) -> None:
    assert llama.name == str(llama_folder)
    assert not llama.model.training
    assert llama.model.dtype == torch.float32
    assert llama.tokenizer.padding_side == "left"
    assert llama.eos_ids == (llama.tokenizer.convert_tokens_to_ids(END),)
    assert llama.context_length == 128
    assert llama.model.generation_config.eos_token_id == list(llama.eos_ids)


def test_pad_is_never_an_end_and_always_in_the_embedding(random_lm: LM) -> None:
    assert random_lm.pad_id not in random_lm.eos_ids
    assert 0 <= random_lm.pad_id < random_lm.model.config.vocab_size


def test_a_spare_row_of_the_embedding_becomes_the_pad(tmp_path: Path) -> None:
    lm = alignlib.load(write_model(tmp_path, "llama", spare_rows=3), device="cpu")
    assert lm.tokenizer.pad_token == "<|pad|>"
    assert lm.tokenizer.pad_token_id == lm.pad_id
    assert lm.model.config.vocab_size == lm.pad_id + 3


def test_choosing_a_pad_changes_no_prediction(folder: Path) -> None:
    plain = AutoModelForCausalLM.from_pretrained(folder)
    lm = alignlib.load(folder, device="cpu")
    ids = torch.tensor([lm.encode("the cat.")])
    with torch.no_grad():
        assert torch.equal(plain(ids).logits, lm.model(ids).logits)


def test_a_model_without_a_chat_template_gets_the_plain_one(llama: LM) -> None:
    assert llama.tokenizer.chat_template == PLAIN_TEMPLATE
    assert llama.render(CHAT) == "System: be kind.\n\nUser: hello.\n\nAssistant:"


def test_a_template_with_a_beginning_does_not_double_it(folder: Path) -> None:
    """The tokenizer adds a beginning by itself, and the template has one, but chats get one."""
    tokenizer_file = folder / "tokenizer.json"
    content = json.loads(tokenizer_file.read_text())
    bos = content["model"]["vocab"]["b"]
    content["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [
            {"SpecialToken": {"id": "b", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
        ],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"b": {"id": "b", "ids": [bos], "tokens": ["b"]}},
    }
    tokenizer_file.write_text(json.dumps(content))
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "bos_token": "b"}))
    lm = alignlib.load(folder, device="cpu")
    assert lm.encode("cat")[:2] == [bos, lm.tokenizer.convert_tokens_to_ids("c")]
    assert lm.render(CHAT).startswith("bSystem")
    assert lm.encode(CHAT)[0] == bos
    assert lm.encode(CHAT)[1] != bos


@pytest.mark.parametrize(
    "prompt", ["", [], [{"role": "user"}], ["hello"], [{"role": "user", "content": ""}], 3]
)
def test_an_empty_or_malformed_prompt_is_named(llama: LM, prompt: object) -> None:
    with pytest.raises(PromptError):
        llama.encode(prompt)  # type: ignore[arg-type]


def test_a_role_that_the_template_refuses_is_named(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text(
        "{% if messages[0]['role'] == 'system' %}"
        "{{ raise_exception('no system role') }}{% endif %}x"
    )
    lm = alignlib.load(folder, device="cpu")
    with pytest.raises(PromptError, match=r"system, user.*no system role"):
        lm.render(CHAT)


@pytest.mark.parametrize("name", ["smolm2", "no such model", "./nowhere", "/no/such/folder", ""])
def test_an_unknown_name_says_what_there_is(name: str) -> None:
    with pytest.raises(ModelNotFoundError, match="smollm2"):
        alignlib.load(name)


def test_a_near_miss_is_guessed() -> None:
    with pytest.raises(ModelNotFoundError, match="Did you mean 'smollm2'"):
        alignlib.load("smolm2")


def test_a_hub_id_without_a_hub_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelNotFoundError, match="HF_HUB_OFFLINE"):
        alignlib.load("some-organisation/some-model")


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"config\.json"):
        alignlib.load(tmp_path)


def test_a_folder_without_weights_is_no_model(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelNotFoundError, match="holds no weights"):
        alignlib.load(folder)


class _Trap:
    """What a hostile pickle does: run a command when it is opened."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.witness),)


def test_a_pickle_is_refused_unopened(folder: Path, tmp_path: Path) -> None:
    witness = tmp_path / "the pickle was opened"
    (folder / "model.safetensors").unlink()
    torch.save({"weights": _Trap(witness)}, folder / "pytorch_model.bin")
    with pytest.raises(UnsafeCheckpointError, match=r"pytorch_model\.bin"):
        alignlib.load(folder)
    assert not witness.exists()


def test_code_beside_a_model_is_never_run(folder: Path, tmp_path: Path) -> None:
    witness = tmp_path / "the code was run"
    (folder / "modeling_trap.py").write_text(f"import os\nos.mkdir({str(witness)!r})\n")
    config = json.loads((folder / "config.json").read_text())
    config |= {
        "model_type": "trap",
        "auto_map": {
            "AutoConfig": "modeling_trap.TrapConfig",
            "AutoModelForCausalLM": "modeling_trap.Trap",
        },
    }
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises((UnsafeCheckpointError, ModelNotFoundError)):
        alignlib.load(folder)
    assert not witness.exists()


@pytest.mark.parametrize("spoilt", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"\x00" * 64])
def test_a_broken_file_is_a_typed_error(folder: Path, spoilt: str, content: bytes) -> None:
    (folder / spoilt).write_bytes(content)
    with pytest.raises(ModelNotFoundError, match="can't be opened"):
        alignlib.load(folder)


def test_weights_that_do_not_fit_the_config_are_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "hidden_size": 64}))
    with pytest.raises(ModelNotFoundError):
        alignlib.load(folder)


@pytest.mark.parametrize("device", ["gpu", "cuda:7", "tpu", "cpu:x"])
def test_a_device_that_is_not_there_is_named(llama_folder: Path, device: str) -> None:
    with pytest.raises(DeviceError, match="cpu"):
        alignlib.load(llama_folder, device=device)


@pytest.mark.parametrize("dtype", ["int8", torch.int32, "half"])
def test_a_dtype_that_is_none_is_named(llama_folder: Path, dtype: str | torch.dtype) -> None:
    with pytest.raises(DeviceError, match="float32"):
        alignlib.load(llama_folder, device="cpu", dtype=dtype)


def test_dtype_and_device_are_taken(llama_folder: Path) -> None:
    assert alignlib.load(llama_folder, "cpu", "bfloat16").model.dtype == torch.bfloat16
    assert alignlib.load(llama_folder, device="meta").device.type == "meta"


@pytest.mark.gpu
def test_a_gpu_is_taken_where_there_is_one(llama_folder: Path) -> None:
    lm = alignlib.load(llama_folder)
    assert lm.device.type == "cuda"
    drawn = alignlib.sample(lm, ["the cat", "a"], 4, 8)
    scored = alignlib.logprobs(lm, drawn.prompts, drawn.completions)
    torch.testing.assert_close(scored.values, drawn.logprobs, atol=1e-4, rtol=0.0)
