"""The front door: what opens, what is refused, and what the sentence says."""

from __future__ import annotations

import json
import os
import shutil
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM
from transformers.utils import logging as hf_logging

import alignlib
from alignlib import LM, checkpoints, packaged
from alignlib.errors import (
    DeviceError,
    ModelNotFoundError,
    PromptError,
    UnsafeCheckpointError,
)
from alignlib.loading import PLAIN_TEMPLATE
from tests.random_models import (
    _GROUPED,
    ARCHITECTURES,
    END,
    character_tokenizer,
    space_in_front_tokenizer,
    write_model,
)

CHAT = [{"role": "system", "content": "be kind."}, {"role": "user", "content": "hello."}]


@pytest.fixture
def folder(llama_folder: Path, tmp_path: Path) -> Path:
    """A copy of a model's folder, to be spoilt."""
    return Path(shutil.copytree(llama_folder, tmp_path / "model"))


def edit(file: Path, **settings: Any) -> None:
    """Change settings in a JSON file."""
    content = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**content, **settings}))


def add_around(folder: Path, before: list[str], after: list[str]) -> None:
    """Let the tokenizer put tokens before and after every text by itself."""
    vocab = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]

    def special(words: list[str]) -> list[dict[str, Any]]:
        return [{"SpecialToken": {"id": word, "type_id": 0}} for word in words]

    single = [*special(before), {"Sequence": {"id": "A", "type_id": 0}}, *special(after)]
    tokens = {
        word: {"id": word, "ids": [vocab[word]], "tokens": [word]} for word in [*before, *after]
    }
    template = {"type": "TemplateProcessing", "single": single, "special_tokens": tokens}
    template["pair"] = [*single, {"Sequence": {"id": "B", "type_id": 1}}]
    edit(folder / "tokenizer.json", post_processor=template)


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


def test_weights_that_are_missing_are_never_random(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    lost = "model.layers.0.mlp.up_proj.weight"
    weights.pop(lost)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelNotFoundError, match=rf"lack 1 .*{lost}"):
        alignlib.load(folder)


def test_tied_weights_are_not_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARCHITECTURES, "llama", {**_GROUPED, "tie_word_embeddings": True})
    folder = write_model(tmp_path, "llama")
    assert "lm_head.weight" not in load_file(folder / "model.safetensors")
    assert alignlib.load(folder, device="cpu").name == str(folder)


@pytest.mark.parametrize("kind", ["bert", "mamba"])
def test_a_kind_that_can_not_be_handled_is_refused(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bert reads what comes after; Mamba keeps a state that takes no padding."""
    common = {key: value for key, value in _GROUPED.items() if key != "num_key_value_heads"}
    monkeypatch.setitem(ARCHITECTURES, kind, {**common, "state_size": 4})
    folder = write_model(tmp_path, kind)
    with pytest.raises(ModelNotFoundError, match=f"does not handle .*{kind}"):
        alignlib.load(folder, device="cpu")


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_every_kind_that_is_handled_passes_in_every_dtype(random_lm: LM, dtype: str) -> None:
    assert str(alignlib.load(random_lm.name, "cpu", dtype).model.dtype) == f"torch.{dtype}"


@pytest.mark.parametrize("file", ["evil.bin", "../secret.safetensors", "/etc/x.safetensors"])
def test_an_index_that_leads_elsewhere_is_refused(folder: Path, file: str) -> None:
    names = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").rename(folder / "decoy.safetensors")
    edit(folder / "model.safetensors.index.json", weight_map=dict.fromkeys(names, file))
    with pytest.raises(UnsafeCheckpointError, match=r"\.safetensors files"):
        alignlib.load(folder)


def test_a_config_that_names_other_weights_is_refused(folder: Path) -> None:
    edit(folder / "config.json", transformers_weights="evil.bin")
    with pytest.raises(UnsafeCheckpointError, match=r"evil\.bin"):
        alignlib.load(folder)


@pytest.mark.parametrize("key", ["_attn_implementation", "attn_implementation"])
@pytest.mark.parametrize("inside", [False, True])
def test_attention_code_from_the_hub_is_refused(folder: Path, key: str, inside: bool) -> None:
    setting = {key: "some-organisation/kernel"}
    edit(folder / "config.json", **({"text_config": setting} if inside else setting))
    with pytest.raises(UnsafeCheckpointError, match="attention code"):
        alignlib.load(folder)


@pytest.mark.parametrize(
    "settings",
    [
        {"num_attention_heads": 0},
        {"hidden_size": "x"},
        {"vocab_size": -3},
        {"quantization_config": {"quant_method": "gptq", "bits": 4}},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_a_config_that_makes_no_model_is_a_typed_error(
    folder: Path, settings: dict[str, Any]
) -> None:
    edit(folder / "config.json", **settings)
    with pytest.raises(ModelNotFoundError, match="can't be opened"):
        alignlib.load(folder)


@pytest.mark.parametrize("name", ["a" * 5000, "~nosuchuser/model"])
def test_a_path_that_can_not_be_looked_up_is_named(name: str) -> None:
    with pytest.raises(ModelNotFoundError, match="can't be read"):
        alignlib.load(name)


@pytest.mark.parametrize("name", ["a/..", "-x/y", "org/na--me", "org/name/", "a\0b/c"])
def test_what_is_no_hub_id_is_not_asked_for(name: str) -> None:
    with pytest.raises(ModelNotFoundError, match="There is no model"):
        alignlib.load(name)


def test_an_adapter_is_named(folder: Path) -> None:
    edit(folder / "adapter_config.json", peft_type="LORA")
    with pytest.raises(ModelNotFoundError, match="adapter"):
        alignlib.load(folder)


def test_a_path_to_a_gguf_file_opens_that_file(tmp_path: Path) -> None:
    (tmp_path / "one.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelNotFoundError, match=r"GGUF|gguf"):
        alignlib.load(tmp_path / "one.gguf")


@pytest.mark.parametrize(("error", "reachable"), [("http", True), ("value", False), ("os", False)])
def test_a_hub_that_answers_is_reachable(
    monkeypatch: pytest.MonkeyPatch, error: str, reachable: bool
) -> None:
    errors: dict[str, Exception] = {
        "http": urllib.error.HTTPError("http://hub", 503, "busy", Message(), None),
        "value": ValueError("unknown url type"),
        "os": urllib.error.URLError("no route"),
    }

    def answer(*_: Any, **__: Any) -> None:
        raise errors[error]

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(urllib.request, "urlopen", answer)
    assert checkpoints.hub_reachable() is reachable


def test_a_hub_without_the_model_leaves_the_package(
    monkeypatch: pytest.MonkeyPatch, llama_folder: Path
) -> None:
    def refuse(*_: Any) -> None:
        raise ModelNotFoundError("The hub gives no model.")

    monkeypatch.setattr(checkpoints, "hub_reachable", lambda: True)
    monkeypatch.setattr(checkpoints, "_open_hub", refuse)
    monkeypatch.setattr(packaged, "is_installed", lambda: True)
    monkeypatch.setattr(packaged, "converted_folder", lambda: llama_folder)
    assert alignlib.load("smollm2", device="cpu").name == "smollm2"
    monkeypatch.setattr(packaged, "is_installed", lambda: False)
    with pytest.raises(ModelNotFoundError, match="The hub gives"):
        alignlib.load("smollm2", device="cpu")


def test_threads_that_load_leave_the_logging_as_it_was(llama_folder: Path) -> None:
    before = hf_logging.get_verbosity(), hf_logging.is_progress_bar_enabled()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: alignlib.load(llama_folder, device="cpu"), range(8)))
    assert (hf_logging.get_verbosity(), hf_logging.is_progress_bar_enabled()) == before


@pytest.mark.parametrize("length", [0, -1])
def test_a_context_without_a_length_is_unbounded(llama: LM, length: int) -> None:
    known, llama.model.config.max_position_embeddings = llama.context_length, length
    assert llama.context_length is None
    llama.model.config.max_position_embeddings = known
    assert llama.context_length == 128


def test_an_end_that_the_tokenizer_adds_is_dropped(folder: Path) -> None:
    add_around(folder, [], [END])
    lm = alignlib.load(folder, device="cpu")
    cat, end = [lm.tokenizer.convert_tokens_to_ids(token) for token in "cat"], lm.eos_ids[0]
    assert lm.tokenizer("cat").input_ids == [*cat, end]
    assert lm.encode("cat") == cat
    assert lm.encode(f"cat{END}") == [*cat, end]


def test_an_end_that_is_also_the_beginning_stays(folder: Path) -> None:
    add_around(folder, [END], [])
    lm = alignlib.load(folder, device="cpu")
    end = lm.eos_ids[0]
    assert lm.encode("cat")[0] == end
    assert lm.encode(END) == [end, end]


def test_a_space_in_front_is_neither_added_nor_lost(tmp_path: Path) -> None:
    folder = write_model(tmp_path, "llama", spare_rows=1)  # for the line's end
    space_in_front_tokenizer().save_pretrained(folder)
    lm = alignlib.load(folder, device="cpu")
    vocab = lm.tokenizer.get_vocab()
    t, space = vocab["t"], vocab["▁"]
    assert lm.tokenizer("t").input_ids == [space, t]
    assert lm.encode_completion("t") == [t]
    assert lm.encode_completion(" t") == [space, t]
    assert lm.decode([space, t]) == " t"
    assert lm.decode([t]) == "t"
    scored = alignlib.logprobs(lm, ["ca"], ["t"])
    assert scored.tokens.tolist() == [[t]]


def test_tokens_and_texts_that_the_model_can_not_read_are_named(folder: Path) -> None:
    character_tokenizer("<|x|>").save_pretrained(folder)
    lm = alignlib.load(folder, device="cpu")
    with pytest.raises(PromptError, match="not in the vocabulary"):
        lm.encode("a<|x|>")
    with pytest.raises(PromptError, match="Unicode"):
        lm.encode("\ud800")


@pytest.mark.parametrize("template", ["{{ 1 / 0 }}", "{{ messages[0]['content'] + 1 }}"])
def test_a_template_that_fails_is_named(folder: Path, template: str) -> None:
    (folder / "chat_template.jinja").write_text(template)
    lm = alignlib.load(folder, device="cpu")
    with pytest.raises(PromptError, match="fails on"):
        lm.encode(CHAT)


@pytest.mark.parametrize(
    "setting",
    [{"repetition_penalty": 1.5}, {"suppress_tokens": [3, 10, 19]}, {"min_new_tokens": 10}],
    ids=lambda setting: next(iter(setting)),
)
def test_a_model_that_ships_a_filter_is_still_greedy(folder: Path, setting: dict[str, Any]) -> None:
    edit(folder / "generation_config.json", **setting)
    lm = alignlib.load(folder, device="cpu")
    for prompt in ("a", "the", "x y"):
        ids = torch.tensor([lm.encode(prompt)])
        generated = lm.model.generate(  # type: ignore[operator]
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=20
        )
        drawn = alignlib.sample(lm, [prompt], 1, 20, temperature=0.0)
        assert generated[0, ids.shape[1] :].tolist() == drawn.completions[0]


def test_ends_are_taken_from_every_file(folder: Path) -> None:
    edit(folder / "generation_config.json", eos_token_id=[3, 4])
    edit(folder / "config.json", eos_token_id=5)
    lm = alignlib.load(folder, device="cpu")
    assert lm.eos_ids == (3, 4, 5, lm.tokenizer.eos_token_id)
    assert lm.model.generation_config.eos_token_id == list(lm.eos_ids)


def test_a_new_pad_takes_no_token_of_the_vocabulary(tmp_path: Path) -> None:
    folder = write_model(tmp_path, "llama", spare_rows=20)
    content = json.loads((folder / "tokenizer.json").read_text())
    content["model"]["vocab"]["q"] = len(content["model"]["vocab"])  # it leaves a hole
    (folder / "tokenizer.json").write_text(json.dumps(content))
    lm = alignlib.load(folder, device="cpu")
    assert lm.decode(lm.encode("q a")) == "q a"
    assert lm.tokenizer.pad_token is None


@pytest.mark.parametrize("device", ["gpu", "cuda:7", "tpu", "cpu:x"])
def test_a_device_that_is_not_there_is_named(llama_folder: Path, device: str) -> None:
    with pytest.raises(DeviceError, match="cpu"):
        alignlib.load(llama_folder, device=device)


@pytest.mark.parametrize("dtype", ["int8", torch.int32, "half", torch.float8_e4m3fn, "auto"])
def test_a_dtype_that_is_none_is_named(llama_folder: Path, dtype: str | torch.dtype) -> None:
    with pytest.raises(DeviceError, match="float32"):
        alignlib.load(llama_folder, device="cpu", dtype=dtype)


def test_dtype_and_device_are_taken(llama_folder: Path) -> None:
    assert alignlib.load(llama_folder, "cpu", "bfloat16").model.dtype == torch.bfloat16
    assert alignlib.load(llama_folder, "cpu", torch.float64).model.dtype == torch.float64
    assert alignlib.load(llama_folder, device="meta").device.type == "meta"


@pytest.mark.gpu
def test_a_gpu_is_taken_where_there_is_one(llama_folder: Path) -> None:
    lm = alignlib.load(llama_folder)
    assert lm.device.type == "cuda"
    drawn = alignlib.sample(lm, ["the cat", "a"], 4, 8)
    scored = alignlib.logprobs(lm, drawn.prompts, drawn.completions)
    torch.testing.assert_close(scored.values, drawn.logprobs, atol=1e-4, rtol=0.0)
