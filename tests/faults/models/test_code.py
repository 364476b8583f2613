"""A model's files are hostile. None can run code."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import jinja2
import pytest
import torch

from alignlib.errors import PromptError, UnsafeCheckpointError
from tests.faults.models.hostile_files import Runs, code, edit
from tests.faults.models.opening import Opener
from tests.faults.report import Fault


def test_the_pickles_do_run_code(canary: Path) -> None:
    pickle.loads(pickle.dumps(Runs(canary)))
    assert canary.exists()


def test_pickles_alone_are_refused(
    fault: Fault, opener: Opener, folder: Path, canary: Path
) -> None:
    (folder / "model.safetensors").unlink()
    for name in ("pytorch_model.pt", "model.pkl", "pytorch_model.bin"):
        torch.save({"weights": Runs(canary)}, folder / name)
        error = opener.refused(folder)
        assert isinstance(error, UnsafeCheckpointError)
        assert name in str(error)
        (folder / name).unlink()
    assert not canary.exists()
    fault(
        "A model's weights are a pickle that runs code when it is opened",
        happens=error,
        kept="the pickle was not opened, no code has run",
    )


def test_a_pickle_with_another_name_is_not_opened(
    fault: Fault, opener: Opener, folder: Path, canary: Path
) -> None:
    (folder / "model.safetensors").write_bytes(pickle.dumps(Runs(canary)))
    error = opener.refused(folder)
    assert "no whole safetensors file" in str(error)
    torch.save(Runs(canary), folder / "model.safetensors")
    assert "no whole safetensors file" in str(opener.refused(folder))
    assert not canary.exists()
    fault(
        "A pickle is called model.safetensors",
        happens="ModelNotFoundError: it is no whole safetensors file",
        kept="the pickle was not opened, no code has run",
    )


def test_a_pickle_beside_safetensors_is_left_alone(
    fault: Fault, opener: Opener, folder: Path, canary: Path
) -> None:
    for name in ("pytorch_model.bin", "training_args.bin", "vocab.pkl", "tokenizer.pkl"):
        torch.save(Runs(canary), folder / name)
    assert opener.opened(folder) == "User: hello.\n\nAssistant:"
    assert not canary.exists()
    fault(
        "Pickles that run code lie beside a model's safetensors",
        happens="the safetensors are opened",
        kept="the pickles were not opened, no code has run",
    )


def test_code_of_a_models_own_is_refused(
    fault: Fault, opener: Opener, folder: Path, canary: Path
) -> None:
    (folder / "own.py").write_text(code(canary))
    kinds = ("AutoConfig", "AutoModel", "AutoModelForCausalLM")
    edit(folder / "config.json", model_type="own", auto_map=dict.fromkeys(kinds, "own.A"))
    error = opener.refused(folder)
    assert isinstance(error, UnsafeCheckpointError)
    assert not canary.exists()
    fault(
        "A model comes with code of its own",
        happens=error,
        kept="the code was not imported, no code has run",
    )


def test_code_where_transformers_has_its_own_is_left_alone(
    fault: Fault, opener: Opener, folder: Path, canary: Path
) -> None:
    for name in ("own.py", "modeling_llama.py", "configuration_llama.py", "tokenization_llama.py"):
        (folder / name).write_text(code(canary))
    (folder / "custom_generate").mkdir()
    (folder / "custom_generate/generate.py").write_text(code(canary))
    kinds = ("AutoConfig", "AutoModel", "AutoModelForCausalLM")
    edit(folder / "config.json", auto_map=dict.fromkeys(kinds, "own.A"))
    edit(folder / "generation_config.json", custom_generate="custom_generate")
    assert opener.opened(folder) == "User: hello.\n\nAssistant:"
    settings = {"auto_map": {"AutoTokenizer": ["own.A", "own.B"]}, "tokenizer_class": "Own"}
    edit(folder / "tokenizer_config.json", **settings)
    assert isinstance(opener.refused(folder), UnsafeCheckpointError)
    assert not canary.exists()
    fault(
        "A config maps a kind of model that transformers knows to code beside it",
        happens="the model is opened with transformers' own code",
        kept="the code was not imported, no code has run",
    )


def test_attention_code_of_the_hub_is_refused(fault: Fault, opener: Opener, folder: Path) -> None:
    edit(folder / "config.json", _attn_implementation="somebody/kernel")
    error = opener.refused(folder)
    assert isinstance(error, UnsafeCheckpointError)
    fault(
        "A config asks for attention code from the hub",
        happens=error,
        kept="nothing was downloaded, no code has run",
    )


def test_an_adapter_is_refused(opener: Opener, folder: Path, canary: Path) -> None:
    edit(folder / "adapter_config.json", peft_type="LORA", base_model_name_or_path="a/b")
    torch.save(Runs(canary), folder / "adapter_model.bin")
    assert "adapter" in str(opener.refused(folder))
    assert not canary.exists()


REACHES_OUT = "{{ lipsum.__globals__['os'].mkdir('CANARY') }}"
ESCAPES = [
    REACHES_OUT,
    "{{ cycler.__init__.__globals__.os.mkdir('CANARY') }}",
    "{{ joiner.__init__.__globals__['os']['mkdir']('CANARY') }}",
    "{{ namespace.__init__.__globals__.os.mkdir('CANARY') }}",
    "{{ (''|attr('__class__')).__mro__[1].__subclasses__() }}",
    "{{ ''['__class__']['__base__']['__subclasses__']() }}",
    "{% set ns = namespace(a=lipsum) %}{{ ns.a.__globals__.os.mkdir('CANARY') }}",
    "{{ [lipsum]|map(attribute='__globals__.os')|first|attr('mkdir')('CANARY') }}",
    "{{ raise_exception.__globals__['__builtins__']['open']('CANARY', 'w') }}",
    "{{ strftime_now.__globals__['datetime'] }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(messages[0]) }}",
    "{{ ('{0.__class__.__base__}' | string).format_map({'0': messages}) }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context.environment.compile }}",
    "{{ messages.append.__self__.__class__ }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}{{ os.mkdir('CANARY') }}",
    "{% macro m() %}{{ caller.__globals__.os.mkdir('CANARY') }}{% endmacro %}"
    "{% call m() %}{% endcall %}",
]


def test_the_templates_do_reach_out_of_no_sandbox(canary: Path) -> None:
    jinja2.Environment().from_string(REACHES_OUT.replace("CANARY", str(canary))).render()
    assert canary.exists()


def test_a_template_does_not_reach_out_of_its_sandbox(
    fault: Fault, opener: Opener, folder: Path, canary: Path
) -> None:
    for template in ESCAPES:
        text = template.replace("CANARY", str(canary))
        (folder / "chat_template.jinja").write_text(text)
        error = opener.refused(folder)
        assert isinstance(error, PromptError), template
        assert "subclass" not in str(error).replace(text, ""), template
        assert not canary.exists(), template
    fault(
        "A chat template tries to reach out of its sandbox",
        happens="PromptError: the template fails on this chat",
        kept="no code has run",
    )


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
        "{% for i in range(99999) %}{{ self.b() }}{% endfor %}"
        "{% block b %}{% for j in range(99999) %}{% endfor %}{% endblock %}",
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    ],
)
def test_a_template_that_recurs_or_counts_forever_is_stopped(
    opener: Opener, folder: Path, template: str
) -> None:
    (folder / "chat_template.jinja").write_text(template)
    assert isinstance(opener.refused(folder), PromptError)


def test_a_template_that_never_ends_is_stopped(fault: Fault, opener: Opener, folder: Path) -> None:
    loops = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    (folder / "chat_template.jinja").write_text(loops)
    error = opener.refused(folder)
    assert isinstance(error, PromptError)
    assert "1,000,000 steps" in str(error)
    fault("A chat template never comes to its end", happens=error, kept="the model itself")


def test_a_long_chat_is_far_from_the_limit_of_steps(tiny: Any) -> None:
    roles = ("user", "assistant")
    chat = [{"role": roles[n % 2], "content": "hello."} for n in range(2_001)]
    assert tiny.render(chat).count("hello.") == 2_001
