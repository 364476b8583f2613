"""TRL's trainers, set so that they do the same work as alignlib and nothing besides.

What is set equal: the optimizer (AdamW without weight decay, a constant rate, gradients cut at
length 1), the batch, the steps, the seeds. What only costs time is off: checkpoints, logs, bars.
``accelerate`` keeps what it was last told in the environment and in shared state: each trainer is
made, and runs, in :func:`alone`.

Left out, by what TRL's source and documentation say: ``padding_free`` and packing, which are right
only with kernels of FlashAttention; ``use_liger_kernel``, which needs Triton. TRL's own fused loss,
which reads only what is to be learnt, is always on.
"""

from __future__ import annotations

import contextlib
import copy
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import datasets  # type: ignore[import-untyped]
import torch
import transformers
from accelerate.state import (  # type: ignore[import-untyped]
    AcceleratorState,
    GradientState,
)
from transformers import TrainerCallback
from trl.trainer.rloo_config import RLOOConfig
from trl.trainer.rloo_trainer import RLOOTrainer
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from alignlib import LM
from alignlib.pairs import Pair
from benchmarks.row import BenchmarkError

RATE = 5e-5
"""The learning rate of all that is not measured for what it learns."""

NO_TOKEN = -1
"""An end of text that is never drawn; with None the tokenizer's own would be taken."""


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Inside, accelerate knows of no trainer before; afterwards, nothing is left of this one."""
    environment, threads = dict(os.environ), torch.get_num_threads()
    _forget()
    try:
        yield
    finally:
        _forget()
        os.environ.clear()
        os.environ.update(environment)
        torch.set_num_threads(threads)


def _forget() -> None:
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()


def silence() -> None:
    """No advice and no bars from the libraries."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    datasets.disable_progress_bars()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")


def common(device: torch.device, dtype: str, seed: int, **settings: Any) -> dict[str, Any]:
    """The settings of both trainers."""
    usual: dict[str, Any] = {
        "use_cpu": device.type == "cpu",
        "bf16": dtype == "bfloat16",
        "seed": seed,
        "learning_rate": RATE,
        "lr_scheduler_type": "constant",
        "warmup_steps": 0,
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "adam_beta1": 0.9,
        "adam_beta2": 0.999,
        "adam_epsilon": 1e-8,
        "optim": "adamw_torch_fused",
        "gradient_checkpointing": False,
        "save_strategy": "no",
        "logging_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": device.type == "cuda",
    }
    return usual | settings


def _tokenizer(lm: LM) -> Any:
    tokenizer = copy.deepcopy(lm.tokenizer)
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(lm.pad_id)
    return tokenizer


def _checked(trainer: Any, dtype: str) -> Any:
    """The trainer, if accelerate took the dtype that it was to."""
    trainer.remove_callback(transformers.PrinterCallback)
    mixed = trainer.accelerator.mixed_precision
    if mixed != ("bf16" if dtype == "bfloat16" else "no"):
        raise BenchmarkError(
            f"TRL's trainer computes in mixed precision {mixed!r} where {dtype} was asked for: "
            "see what the environment says of ACCELERATE_MIXED_PRECISION."
        )
    return trainer


def sft_trainer(lm: LM, pairs: Sequence[Pair], dtype: str, batch_size: int, **settings: Any) -> Any:
    """TRL's ``SFTTrainer`` for one epoch of pairs in the order given. Use it in :func:`alone`."""
    config = {
        "num_train_epochs": 1,
        "per_device_train_batch_size": batch_size,
        "max_length": None,
        "completion_only_loss": True,
        "train_sampling_strategy": "sequential",
        "output_dir": tempfile.gettempdir(),
    }
    trainer = SFTTrainer(
        model=lm.model,
        args=SFTConfig(**common(lm.device, dtype, 0, **(config | settings))),
        train_dataset=datasets.Dataset.from_list(
            [{"prompt": prompt, "completion": completion} for prompt, completion in pairs]
        ),
        processing_class=_tokenizer(lm),
    )
    return _checked(trainer, dtype)


def rloo_trainer(
    lm: LM,
    rows: Sequence[dict[str, Any]],
    reward: Callable[..., Any],
    dtype: str,
    *,
    steps: int,
    prompts_per_step: int,
    samples_per_prompt: int,
    max_new_tokens: int,
    endless: bool,
    seed: int,
    **settings: Any,
) -> Any:
    """TRL's ``RLOOTrainer`` without its leash. Use it in :func:`alone`.

    Args:
        lm: the model.
        rows: a ``prompt`` each, and the columns that the reward takes.
        reward: a reward function.
        dtype: ``"float32"`` or ``"bfloat16"``, of the passes.
        steps: how many.
        prompts_per_step, samples_per_prompt, max_new_tokens: as for :func:`alignlib.reinforce`.
        endless: no token ends a text.
        seed: of prompts and samples.
        settings: more of ``RLOOConfig``'s.
    """
    config: dict[str, Any] = {
        "max_steps": steps,
        "per_device_train_batch_size": prompts_per_step * samples_per_prompt,
        "num_generations": samples_per_prompt,
        "max_completion_length": max_new_tokens,
        "beta": 0.0,
        "temperature": 1.0,
        "top_p": 1.0,
        "top_k": 0,
        "output_dir": tempfile.gettempdir(),
    }
    if endless:
        config["generation_kwargs"] = {"eos_token_id": [NO_TOKEN]}
    trainer = RLOOTrainer(
        model=lm.model,
        reward_funcs=reward,
        args=RLOOConfig(**common(lm.device, dtype, seed, **(config | settings))),
        train_dataset=datasets.Dataset.from_list(list(rows)),
        processing_class=_tokenizer(lm),
    )
    if endless:
        trainer.eos_token_ids = [NO_TOKEN]  # by which it cuts texts
    return _checked(trainer, dtype)


class Losses(TrainerCallback):
    """Keeps the loss of each step; needs ``logging_steps=1``."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Called by the trainer."""
        if logs and "loss" in logs:
            self.values.append(float(logs["loss"]))
