"""How fast finetuning is, beside TRL's SFTTrainer on the same pairs, in the same run.

    python benchmarks/finetuning.py [--model smollm2] [--device cuda] [--rounds 3]

Both train on the same (prompt, completion) texts with AdamW at the same rate, the same batch and no
checkpoints, and take turns. TRL keeps its defaults, but for what the code names. A ratio above
1 says that alignlib is faster. Needs `trl`, which `make test` installs.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
import time

import torch
import transformers
from datasets import Dataset
from trl import SFTConfig, SFTTrainer

import alignlib
from alignlib import finetune
from alignlib.world import lesson_answer, lessons

BATCH = 16


def pairs_of(lm: alignlib.LM, n: int) -> list[tuple[str, str]]:
    """Lessons as texts, so that both train on the same tokens."""
    return [
        (lm.render([{"role": "user", "content": q.text}]), lesson_answer(q)) for q in lessons(n)
    ]


def ours(name: str, device: str, n: int, precision: str) -> float:
    """The seconds of one epoch."""
    lm = alignlib.load(name, device)
    pairs = pairs_of(lm, n)
    started = time.perf_counter()
    finetune(
        lm, pairs, epochs=1, batch_size=BATCH, precision=precision,  # type: ignore[arg-type]
        learning_rate=2e-5, progress=False,
    )  # fmt: skip
    return time.perf_counter() - started


def theirs(name: str, device: str, n: int, precision: str) -> float:
    """The seconds of TRL for the same."""
    lm = alignlib.load(name, device)
    rows = [{"prompt": x, "completion": y} for x, y in pairs_of(lm, n)]
    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(
            output_dir=folder, num_train_epochs=1, per_device_train_batch_size=BATCH,
            learning_rate=2e-5, bf16=precision == "bfloat16", gradient_checkpointing=False,
            report_to="none", save_strategy="no", logging_strategy="no", disable_tqdm=True,
            use_cpu=device == "cpu", completion_only_loss=True,
        )  # fmt: skip
        trainer = SFTTrainer(
            model=lm.model, args=config, train_dataset=Dataset.from_list(rows),
            processing_class=lm.tokenizer,
        )  # fmt: skip
        started = time.perf_counter()
        trainer.train()
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="tiny", help="tiny, smollm2 or another (default: tiny)")
    parser.add_argument("--device", default="cpu", help="where to run (default: cpu)")
    parser.add_argument("--pairs", type=int, default=64, help="how many pairs (default: 64)")
    parser.add_argument("--precision", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--rounds", type=int, default=3, help="how often each (default: 3)")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    arguments = (options.model, options.device, options.pairs, options.precision)
    on_gpu = options.device.startswith("cuda")
    machine = torch.cuda.get_device_name(options.device) if on_gpu else platform.machine()
    print(
        f"{machine}, {torch.get_num_threads()} threads, torch {torch.__version__}; "
        f"{options.pairs} pairs for {options.model} in {options.precision}"
    )
    rounds = [(ours(*arguments), theirs(*arguments)) for _ in range(options.rounds + 1)][1:]
    fast, slow = (statistics.median(each) for each in zip(*rounds, strict=True))
    ratios = sorted(b / a for a, b in rounds)
    print(
        f"alignlib {fast:.2f} s, TRL {slow:.2f} s; ratio {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


if __name__ == "__main__":
    main()
