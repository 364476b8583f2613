"""Supervised finetuning: what is learnt, whose gradient, in what order, and what is refused."""

from __future__ import annotations

import dataclasses
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from alignlib import LM, chat, logprobs, sample
from alignlib.errors import DeviceError, TrainingError
from alignlib.finetuning import finetune, mean_loss, sft_loss
from alignlib.history import History
from alignlib.logprobs import Batch, collate
from alignlib.pairs import Encoded, encode_pairs
from tests.small_training import (
    PAIRS,
    Weights,
    assert_at_rest,
    assert_same,
    fresh,
    gap,
    train,
    weights,
)

ALL = len(PAIRS)
CHATS = [
    (chat("What is the capital of France?"), "I will not say."),
    (chat("Who are you?", "An expert answers."), "Nobody, and a long way from home at that."),
    (chat("What is 1 + 2?"), "No."),
]


def together(lm: LM, made: list[Encoded]) -> Batch:
    return collate(lm, [each.prompt for each in made], [each.completion for each in made])


def loss_by_hand(lm: LM, made: list[Encoded], prompts_too: bool = False) -> Tensor:
    """Each pair alone, without padding or mask, from the logits of the whole text."""
    total, count = torch.zeros((), dtype=lm.model.dtype), 0
    for each in made:
        ids = torch.tensor([each.prompt + each.completion])
        predicted = lm.model(input_ids=ids).logits[0].log_softmax(-1)
        for place in range(1 if prompts_too else len(each.prompt), len(each)):
            total = total - predicted[place - 1, ids[0, place]]
            count += 1
    return total / count


def gradients(lm: LM, loss: Tensor) -> dict[str, Tensor]:
    lm.model.zero_grad()
    loss.backward()
    found = {name: p.grad.clone() for name, p in lm.model.named_parameters() if p.grad is not None}
    lm.model.zero_grad()
    return found


def gradients_of_a_step(lm: LM, **settings: Any) -> dict[str, Tensor]:
    """What ``finetune`` steps along, seen from inside: the last that is added up."""
    lm, found = fresh(lm), {}

    def keep(name: str) -> Any:
        return lambda parameter: found.update({name: parameter.grad.clone()})

    for name, parameter in lm.model.named_parameters():
        parameter.register_post_accumulate_grad_hook(keep(name))
    train(lm, epochs=1, batch_size=ALL, max_gradient_norm=1e9, **settings)
    return found


def norm(gradient: Weights) -> float:
    return float(torch.stack([each.norm() for each in gradient.values()]).norm())


def test_the_loss_is_the_mean_over_the_completions_tokens(random_lm: LM) -> None:
    lm = fresh(random_lm)
    made = encode_pairs(lm, PAIRS)
    loss, by_hand = sft_loss(lm, together(lm, made)), loss_by_hand(lm, made)
    assert loss.item() == pytest.approx(by_hand.item(), rel=1e-6)
    found = gradients(lm, loss)
    assert gap(found, gradients(lm, by_hand)) < 2e-6
    # so that the two lines above could fail
    assert gap(found, gradients(lm, loss_by_hand(lm, made, prompts_too=True))) > 0.05


def test_the_pad_token_makes_no_difference(llama: LM) -> None:
    lm = fresh(llama)
    ends = dataclasses.replace(lm, pad_id=lm.tokenizer.eos_token_id)
    made = encode_pairs(lm, PAIRS)
    batches = together(lm, made), together(ends, made)
    assert not torch.equal(batches[0].input_ids, batches[1].input_ids)
    one, other = (gradients(lm, sft_loss(lm, batch)) for batch in batches)
    assert gap(one, other) < 1e-7


@pytest.mark.parametrize("rows", [1, 3, ALL])
def test_a_step_of_many_passes_has_the_gradient_of_one(llama: LM, rows: int) -> None:
    found = gradients_of_a_step(llama, micro_batch_size=rows)
    expected = gradients(llama, sft_loss(llama, together(llama, encode_pairs(llama, PAIRS))))
    assert gap(found, expected) < 1e-6


def test_the_mean_of_the_passes_means_is_another_gradient(llama: LM) -> None:
    """What the test above would find if each pass were divided by its own tokens."""
    made = encode_pairs(llama, PAIRS)
    naive = sum(sft_loss(llama, together(llama, [each])) for each in made) / ALL
    assert isinstance(naive, Tensor)
    expected = gradients(llama, sft_loss(llama, together(llama, made)))
    assert gap(gradients(llama, naive), expected) > 0.01


def test_steps_of_many_passes_lead_to_the_same_weights(llama: LM) -> None:
    ends = []
    for rows in (1, 2, 4, None):
        lm = fresh(llama, torch.float64)
        history = train(lm, epochs=3, batch_size=4, micro_batch_size=rows)
        ends.append((weights(lm), history.frame.drop(columns="seconds")))
    for end, table in ends[1:]:
        assert gap(end, ends[0][0]) < 1e-5
        np.testing.assert_allclose(table, ends[0][1], rtol=1e-5)
    assert gap(ends[0][0], weights(fresh(llama, torch.float64))) > 1e-3


def test_steps_are_those_of_adamw_with_the_gradient_clipped(llama: LM) -> None:
    """Against torch's plain AdamW, with everything else written out."""
    by_hand, lm = fresh(llama, torch.float64), fresh(llama, torch.float64)
    made = encode_pairs(by_hand, PAIRS)
    optimizer = torch.optim.AdamW(by_hand.model.parameters(), weight_decay=0.1, foreach=False)
    rows = []
    for rate in (0.005, 0.01, 0.01 * (1 + np.cos(np.pi / 3)) / 2, 0.01 * (1 - 0.5) / 2):
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss = loss_by_hand(by_hand, made)
        loss.backward()
        found = {name: p.grad for name, p in by_hand.model.named_parameters() if p.grad is not None}
        length = norm(found)
        assert length > 1.0
        for each in found.values():
            each *= 1.0 / length
        optimizer.step()
        rows.append((loss.item(), rate, length))
    history = train(
        lm, epochs=4, batch_size=ALL, learning_rate=0.01, warmup=0.5, weight_decay=0.1
    ).frame  # fmt: skip
    expected = np.array(rows)
    np.testing.assert_allclose(
        history[["loss", "learning_rate", "gradient_norm"]], expected, rtol=1e-5
    )
    assert gap(weights(lm), weights(by_hand)) < 1e-5


def test_gradients_that_were_there_before_or_that_a_measure_leaves_are_not_learnt(
    llama: LM,
) -> None:
    def backward(lm: LM) -> float:
        loss = torch.stack([p.square().sum() for p in lm.model.parameters()]).sum()
        loss.backward()
        return loss.item()

    lm, clean = fresh(llama), fresh(llama)
    backward(lm)
    train(lm, measures={"size": backward}, evaluate_every=1)
    train(clean)
    assert_same(weights(lm), weights(clean))
    assert_at_rest(lm)


def test_it_learns_what_is_shown_and_where_to_stop(llama: LM) -> None:
    lm = fresh(llama)
    shown = [("the cat ", "sat."), ("a dog ", "ran to the mat.")]
    history = train(lm, shown, epochs=40, learning_rate=1e-2)
    assert history.frame["loss"].iloc[-1] < 0.1 < 2.0 < history.frame["loss"].iloc[0]
    drawn = sample(lm, [prompt for prompt, _ in shown], 1, 30, temperature=0.0, progress=False)
    assert drawn.texts == [completion for _, completion in shown]
    assert drawn.finished.all()


def test_it_does_not_learn_to_stop_where_the_ends_were_cut_off(llama: LM) -> None:
    """So that the test above could fail."""
    lm = fresh(llama)
    with pytest.warns(UserWarning, match="not shown where these stop"):
        train(lm, [("the cat ", "sat.")], epochs=40, learning_rate=1e-2, max_length=12)
    drawn = sample(lm, ["the cat "], 1, 30, temperature=0.0, progress=False)
    assert drawn.texts[0].startswith("sat.")
    assert not drawn.finished.any()


def test_tiny_learns_chats(tiny: LM) -> None:
    lm = fresh(tiny)
    train(lm, CHATS, epochs=25, batch_size=3, learning_rate=3e-3)
    drawn = sample(lm, [prompt for prompt, _ in CHATS], 1, 30, temperature=0.0, progress=False)
    assert drawn.texts == [completion for _, completion in CHATS]
    assert drawn.finished.all()
    assert_at_rest(lm)


def test_the_same_seed_gives_the_same_weights_and_another_one_others(dropping: LM) -> None:
    ends = []
    for noise, seed in ((1, 0), (2, 0), (1, 1)):
        torch.manual_seed(noise)
        np.random.seed(noise)
        lm = fresh(dropping)
        train(lm, seed=seed)
        ends.append(weights(lm))
    assert_same(ends[0], ends[1])
    assert gap(ends[0], ends[2]) > 1e-4


def test_dropout_differs_between_steps_and_seeds(dropping: LM) -> None:
    """With a rate of 0 the weights stay, so only dropout changes the loss of the same pair."""
    rows = [
        train(fresh(dropping), [("a", "b")], epochs=6, learning_rate=0.0, seed=seed).frame["loss"]
        for seed in (0, 0, 1)
    ]
    assert rows[0].tolist() == rows[1].tolist()
    assert len({*rows[0], *rows[2]}) == 12


def test_the_global_generators_are_left_alone(dropping: LM) -> None:
    def draw() -> tuple[float, float]:
        return torch.rand(()).item(), float(np.random.random())

    torch.manual_seed(3)
    np.random.seed(3)
    expected = draw()
    torch.manual_seed(3)
    np.random.seed(3)
    train(fresh(dropping), lora_rank=2)
    assert draw() == expected


def test_every_epoch_shows_every_pair_once_in_an_order_of_its_own(
    llama: LM, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def spy(lm: LM, prompts: list[list[int]], completions: list[list[int]]) -> Batch:
        seen.append([str(lm.tokenizer.decode(each)) for each in prompts])
        return collate(lm, prompts, completions)

    monkeypatch.setattr("alignlib.finetuning.collate", spy)
    pairs = [(prompt, "x" * n) for n, prompt in enumerate("abcdefg", 1)]
    table = train(fresh(llama), pairs, epochs=4, batch_size=3).frame
    assert sorted(seen.pop()) == sorted(seen[-1])  # what the last step has done is looked at
    assert table["pairs"].tolist() == [3, 3, 1] * 4
    assert table["epoch"].tolist() == pytest.approx(np.arange(1, 13) / 3)
    epochs = [seen[start : start + 3] for start in range(0, 12, 3)]
    assert all(sorted(chain(*batches)) == list("abcdefg") for batches in epochs)
    assert len({tuple(map(frozenset, batches)) for batches in epochs}) == 4
    lengths = {prompt: n + 1 for n, prompt in enumerate("abcdefg", 1)}  # the end is a token too
    assert table["tokens"].tolist() == [sum(lengths[each] for each in batch) for batch in seen]


def test_measures_come_before_the_first_step_after_every_epoch_and_after_the_last(
    llama: LM,
) -> None:
    held_out = [("the dog ", "sat on it."), ("c", "b"), ("why? ", "ask me again.")]

    def validation_loss(lm: LM) -> float:
        scored = logprobs(
            lm,
            [prompt for prompt, _ in held_out],
            [[*lm.encode_completion(text), lm.tokenizer.eos_token_id] for _, text in held_out],
            progress=False,
        )
        return float(-scored.sequence.sum() / scored.mask.sum())

    measures = {"again": validation_loss, "seven": lambda lm: np.float32(7)}
    lm = fresh(llama)
    history = train(lm, validation=held_out, micro_batch_size=1, measures=measures)
    table = history.frame
    own = ["step", "epoch", "pairs", "tokens", "loss", "learning_rate", "gradient_norm", "seconds"]
    assert list(table.columns) == [*own, "validation_loss", "again", "seven"]
    assert history.rows[0].keys() == {"step", "validation_loss", "again", "seven"}
    measured = table.dropna(subset="again")
    assert measured["step"].tolist() == [0, 3, 6]
    np.testing.assert_allclose(measured["validation_loss"], measured["again"], rtol=1e-5)
    assert measured["again"].iloc[-1] == pytest.approx(validation_loss(lm), rel=1e-6)
    assert measured["again"].nunique() == 3
    assert measured["seven"].tolist() == [7, 7, 7]


@pytest.mark.parametrize(("every", "steps"), [(1, range(7)), (4, (0, 4, 6)), (99, (0, 6))])
def test_measures_can_be_taken_more_or_less_often(llama: LM, every: int, steps: list[int]) -> None:
    table = train(fresh(llama), measures={"one": lambda lm: 1}, evaluate_every=every).frame
    assert table.dropna(subset="one")["step"].tolist() == list(steps)


def test_without_measures_there_is_a_row_for_each_step_and_no_more(llama: LM) -> None:
    assert train(fresh(llama)).frame["step"].tolist() == [1, 2, 3, 4, 5, 6]


def test_measures_see_no_dropout_and_change_nothing(dropping: LM) -> None:
    modes = []

    def is_training(lm: LM) -> float:
        modes.append(any(module.training for module in lm.model.modules()))
        torch.rand(5)
        return 0.0

    measured, plain = fresh(dropping), fresh(dropping)
    train(measured, measures={"mode": is_training}, evaluate_every=1, validation=PAIRS)
    train(plain)
    assert modes == [False] * 7
    assert_same(weights(measured), weights(plain))


def test_the_loss_of_pairs_is_measured_without_dropout(dropping: LM) -> None:
    lm = fresh(dropping)
    made = encode_pairs(lm, PAIRS)
    expected = loss_by_hand(lm, made).item()
    lm.model.train()
    lm.model.get_submodule("transformer.drop").eval()
    for rows in (1, 4, 99):
        assert mean_loss(lm, made, rows) == pytest.approx(expected, rel=1e-5)
    off = [name for name, module in lm.model.named_modules() if not module.training]
    assert off == ["transformer.drop"]


def test_a_pair_cut_short_is_learnt_up_to_there(llama: LM) -> None:
    lm, by_hand = fresh(llama), fresh(llama)
    with pytest.warns(UserWarning, match="1 of 1 pairs are longer than 5 tokens: 4 tokens"):
        table = train(lm, [("abc", "defghi"[:5])], epochs=1, max_length=5).frame
    expected = loss_by_hand(by_hand, [Encoded([0, 1, 2], [3, 4])])
    assert table["tokens"].tolist() == [2]
    assert table["loss"].tolist() == pytest.approx([expected.item()], rel=1e-5)


def test_frozen_parameters_do_not_move(llama: LM) -> None:
    lm = fresh(llama)
    frozen = lm.model.get_parameter("model.embed_tokens.weight")
    frozen.requires_grad = False
    before = weights(lm)
    train(lm, weight_decay=0.5)
    after = weights(lm)
    assert torch.equal(frozen, before["model.embed_tokens.weight"])
    assert not frozen.requires_grad
    moved = [name for name in after if not torch.equal(after[name], before[name])]
    assert len(moved) == len(after) - 1
    for parameter in lm.model.parameters():
        parameter.requires_grad = False
    with pytest.raises(TrainingError, match="No parameter of the model is trainable"):
        train(lm)


def test_bfloat16_passes_are_close_and_leave_the_weights_in_float32(llama: LM) -> None:
    ends, tables = [], []
    for precision in ("float32", "bfloat16", "auto"):
        lm = fresh(llama)
        tables.append(train(lm, precision=precision, validation=PAIRS).frame)
        ends.append(weights(lm))
        assert {tensor.dtype for tensor in ends[-1].values()} == {torch.float32}
    full, half, auto = (table["loss"].dropna().to_numpy() for table in tables)
    np.testing.assert_allclose(half, full, rtol=0.02)
    assert (half != full).any()
    np.testing.assert_array_equal(auto, full)  # on a CPU
    assert_same(ends[0], ends[2])
    # what is measured is not rounded
    assert tables[0]["validation_loss"][0] == tables[1]["validation_loss"][0]


def test_a_model_in_bfloat16_stays_in_it(llama: LM) -> None:
    lm = fresh(llama, torch.bfloat16)
    table = train(lm, epochs=20, learning_rate=1e-2).frame
    assert {tensor.dtype for tensor in weights(lm).values()} == {torch.bfloat16}
    assert table["loss"].iloc[-3:].mean() < table["loss"].iloc[:3].mean() / 2


def test_the_meta_device_is_refused(llama: LM) -> None:
    with pytest.raises(DeviceError, match="meta device"):
        train(fresh(llama, "meta"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"epochs": 1.5},
        {"batch_size": 0},
        {"batch_size": True},
        {"micro_batch_size": 0},
        {"learning_rate": -1.0},
        {"learning_rate": float("nan")},
        {"warmup": 1.1},
        {"warmup": -0.1},
        {"schedule": "linear"},
        {"weight_decay": -0.1},
        {"max_gradient_norm": 0.0},
        {"lora_rank": 0},
        {"lora_rank": 1.5},
        {"precision": "float16"},
        {"max_length": 0},
        {"evaluate_every": 0},
        {"checkpoint_every": 0},
        {"seed": -1},
        {"seed": 0.5},
    ],
    ids=str,
)
def test_settings_out_of_range_are_named_before_anything_is_done(
    llama: LM, wrong: dict[str, Any]
) -> None:
    def never(lm: LM) -> float:
        raise AssertionError

    with pytest.raises(TrainingError, match=next(iter(wrong))):
        train(llama, measures={"never": never}, **wrong)
    assert_at_rest(llama)


@pytest.mark.parametrize(
    "name", ["step", "epoch", "pairs", "tokens", "loss", "seconds", "validation_loss"]
)
def test_a_measure_can_not_take_the_name_of_a_column(llama: LM, name: str) -> None:
    with pytest.raises(TrainingError, match=f"'{name}' of its own"):
        train(llama, measures={name: lambda lm: 0.0})


def test_validation_pairs_are_checked_too(llama: LM) -> None:
    with pytest.raises(TrainingError, match="nothing to show"):
        train(llama, validation=[])


def test_pairs_are_read_before_anything_is_trained(llama: LM) -> None:
    lm = fresh(llama)
    with pytest.raises(TrainingError, match="pair 6 is empty"):
        train(lm, [*PAIRS, ("a", "")])
    assert_same(weights(lm), weights(llama))


def test_numbers_may_be_numpys(llama: LM, tmp_path: Path) -> None:
    whole = {"seed": 3, "epochs": 1, "batch_size": 2, "micro_batch_size": 1, "lora_rank": 2,
             "evaluate_every": 2, "checkpoint_every": 2}  # fmt: skip
    real = {"learning_rate": 0.5, "warmup": 0.5, "weight_decay": 0.25, "max_gradient_norm": 2.0}
    plain: dict[str, Any] = {**whole, **real, "schedule": "constant"}
    numpys = plain | {name: np.int64(value) for name, value in whole.items()}
    numpys |= {name: np.float32(value) for name, value in real.items()}
    one, other, finished = fresh(llama), fresh(llama), fresh(llama)
    table = train(one, checkpoint=tmp_path, **numpys).frame.drop(columns="seconds")
    np.testing.assert_array_equal(table, train(other, **plain).frame.drop(columns="seconds"))
    assert_same(weights(one), weights(other))
    train(finished, checkpoint=tmp_path, **plain)  # a run with equal settings, which is done
    assert_same(weights(finished), weights(other))


def test_the_bar_says_how_far_it_is(llama: LM, capsys: pytest.CaptureFixture[str]) -> None:
    train(fresh(llama), progress=False)
    assert capsys.readouterr().err == ""
    train(fresh(llama), progress=True)
    shown = capsys.readouterr().err
    assert "Finetuning: 100%" in shown
    assert "6/6" in shown
    assert "loss=" in shown


@pytest.mark.gpu
def test_on_a_gpu_the_passes_are_in_bfloat16_and_all_else_in_float32(
    tiny: LM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[torch.optim.Optimizer] = []
    original = torch.optim.AdamW

    def spy(*args: Any, **settings: Any) -> torch.optim.Optimizer:
        made.append(original(*args, **settings))
        return made[-1]

    monkeypatch.setattr("torch.optim.AdamW", spy)

    class StoppedError(Exception):
        pass

    def run(stop_at: int | None = None, **settings: Any) -> tuple[History, LM]:
        calls = iter(range(100))

        def measure(lm: LM) -> float:
            if next(calls) == stop_at:
                raise StoppedError
            return 0.0

        lm = fresh(tiny, "cuda")
        measures = {"calls": measure}
        history = finetune(
            lm, CHATS, epochs=12, batch_size=3, micro_batch_size=2, learning_rate=1e-3,
            measures=measures, checkpoint_every=2, progress=False, **settings,
        )  # fmt: skip
        return history, lm

    through, lm = run()
    with pytest.raises(StoppedError):
        run(stop_at=7, checkpoint=tmp_path)
    rest, again = run(checkpoint=tmp_path)
    half, full = through.frame["loss"].dropna(), run(precision="float32")[0].frame["loss"].dropna()
    assert half.iloc[-1] < half.iloc[0] / 4
    assert half.iloc[0] == pytest.approx(full.iloc[0], rel=0.02)
    assert half.iloc[0] != full.iloc[0]
    np.testing.assert_allclose(rest.frame["loss"], through.frame["loss"], rtol=0.05)
    assert gap(weights(again), weights(lm)) < 1e-2
    for model in (lm, again):
        assert {tensor.dtype for tensor in weights(model).values()} == {torch.float32}
        assert {tensor.device.type for tensor in weights(model).values()} == {"cuda"}
        assert_at_rest(model)
    for optimizer in made:
        for state in optimizer.state.values():
            assert {tensor.device.type for tensor in state.values()} == {"cuda"}
            assert {tensor.dtype for tensor in state.values()} == {torch.float32}


@pytest.mark.gpu
def test_a_gpu_and_a_cpu_step_alike(tiny: LM) -> None:
    models = fresh(tiny), fresh(tiny, "cuda")
    tables = [train(lm, CHATS, precision="float32").frame for lm in models]
    np.testing.assert_allclose(tables[0]["loss"], tables[1]["loss"], rtol=1e-3)
