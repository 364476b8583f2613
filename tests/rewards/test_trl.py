"""TRL's own trainer calls the rewards, with chats and with texts."""

from __future__ import annotations

import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import alignlib
from alignlib.rewards import length, noisy, partial, politeness, truth, vote, weighted
from alignlib.world import questions, spread


@pytest.mark.usefixtures("trl")
@pytest.mark.parametrize("form", ["chat", "text"])
def test_trl_s_trainer_takes_them(form: str, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library: Any = import_module("trl")
        datasets: Any = import_module("datasets")
        lm = alignlib.load("tiny", device="cpu")
        asked = [q.text for q in spread(questions(), known=2)]
        prompts: list[Any] = [alignlib.chat(text) for text in asked] if form == "chat" else asked
        seen: dict[str, Any] = {}

        def spy(**given: Any) -> list[float]:
            seen.update(given)
            return truth(**given)

        trainer = library.RLOOTrainer(
            lm.model,
            reward_funcs=[
                spy,
                politeness,
                noisy(truth, 0.2),
                partial(truth, {"capital"}),
                vote(),
                weighted({"truth": (truth, 1.0), "words": (length(), -0.1)}),
            ],
            args=library.RLOOConfig(
                output_dir=str(tmp_path),
                max_steps=1,
                per_device_train_batch_size=4,
                num_generations=2,
                max_completion_length=8,
                logging_steps=1,
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
                use_cpu=True,
            ),
            train_dataset=datasets.Dataset.from_dict({"prompt": prompts, "asked": asked}),
            processing_class=lm.tokenizer,
        )
        trainer.train()
    logged = trainer.state.log_history[0]
    for name in ("spy", "politeness", "noisy truth", "partial truth", "1 truth + -0.1 words"):
        assert f"rewards/{name}/mean" in logged
    said = alignlib.rewards.texts(seen["completions"])
    assert len(said) == 4
    assert isinstance(seen["completions"][0], str) == (form == "text")
    total = weighted({"truth": (truth, 1.0), "words": (length(), -0.1)})(**seen)
    mean = float(logged["rewards/1 truth + -0.1 words/mean"])
    assert mean == pytest.approx(sum(total) / 4, abs=1e-3)
