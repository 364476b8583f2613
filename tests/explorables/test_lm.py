"""The language model in JavaScript against torch: the same tokens, logits and answers."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch

from alignlib import LM, chat, sample
from alignlib.explorables import models
from alignlib.world import questions, spread, users
from tests.explorables.lm_run import lm_run

NAMES = ("base", *models.TRAINED)
STRANGE = [
    "Zürich", "дом", "猫", "e\u0301", "\U0001f427", "\ufeff", "\u0085", "\u3000", "\u200b", "\x00",
    " ", "  ", "\n", "\r\n", "\t", "'s", "'LL", "don't", "½", "٣", "42", "?!", "_", "<|end|>",
    "<|begin|>", "<|pad|", "Ġ", "ſ", "\xad", "\xa0",
]  # fmt: skip


@pytest.fixture(scope="module")
def lms() -> dict[str, LM]:
    return {name: models.stored(name) for name in NAMES}


def texts() -> list[str]:
    """Texts of the world's words and of everything that is not."""
    rng = random.Random(0)
    words = [word for q in spread(questions(), known=30) for word in (q.text, *q.text.split())]
    made = ["".join(rng.choices([*words, *STRANGE], k=rng.randint(1, 8))) for _ in range(600)]
    return [*made, *STRANGE, *words]


def test_it_reads_every_text_as_the_same_tokens(lms: dict[str, LM]) -> None:
    tokenizer = lms["base"].tokenizer
    expected = [tokenizer(text, add_special_tokens=False).input_ids for text in texts()]
    assert lm_run("encode", texts=texts()) == expected


def test_it_writes_every_token_as_the_same_text(lms: dict[str, LM]) -> None:
    rng = random.Random(1)
    size = len(lms["base"].tokenizer)
    ids = [[rng.randrange(size) for _ in range(rng.randint(1, 12))] for _ in range(300)]
    ids += [[token] for token in range(size)]
    expected = [lms["base"].tokenizer.decode(each) for each in ids]
    assert lm_run("decode", ids=ids) == expected


def test_it_names_the_words_that_are_read_byte_by_byte(lms: dict[str, LM]) -> None:
    tokenizer = lms["base"].tokenizer
    asked = ["What is Zürich and where?", "An expert answers."]
    assert lm_run("unknown", texts=asked) == [[" Zürich"], []]
    known = {tokenizer.decode([token]) for token in range(len(tokenizer))}
    assert " Zürich" not in known


def test_it_renders_a_chat_as_the_template_does(lms: dict[str, LM]) -> None:
    chats = [
        ("What is 1 + 2?", None),
        ("What is in my hand?", "A troll answers."),
        ("{{ x }}\n", "\n"),
    ]
    expected = [lms["base"].render(chat(*each)) for each in chats]
    assert lm_run("chat", chats=chats) == expected


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cached", [True, False])
def test_its_logits_are_torchs(name: str, cached: bool, lms: dict[str, LM]) -> None:
    lm = lms[name]
    n = 40 if cached else 3  # read afresh, each position costs the whole text
    asked = [chat(u.text, None if i % 2 else "A guide answers.") for i, u in enumerate(users(n, 7))]
    ids = [lm.encode(each) for each in asked]
    read: Any = lm_run("logits", weights=str(models.path(name)), ids=ids, cached=cached)
    with torch.no_grad():
        for tokens, logits in zip(ids, read, strict=True):
            expected = lm.model(torch.tensor([tokens])).logits[0]
            torch.testing.assert_close(torch.tensor(logits), expected, atol=1e-4, rtol=0.0)


def test_its_logits_are_torchs_to_the_end_of_the_context(lms: dict[str, LM]) -> None:
    lm = lms["base"]
    ids = [random.Random(2).randrange(len(lm.tokenizer)) for _ in range(256)]
    (read,) = lm_run("logits", weights=str(models.path("base")), ids=[ids], cached=True)
    with torch.no_grad():
        expected = lm.model(torch.tensor([ids])).logits[0]
    torch.testing.assert_close(torch.tensor(read), expected, atol=1e-3, rtol=0.0)


@pytest.mark.parametrize("name", NAMES)
def test_its_greedy_answers_are_alignlibs(name: str, lms: dict[str, LM]) -> None:
    lm = lms[name]
    asked = [chat(user.text) for user in users(120, seed=3, held_out=True)]
    drawn = sample(lm, asked, max_new_tokens=24, temperature=0.0, batch_size=120, progress=False)
    ids = [lm.encode(each) for each in asked]
    said = lm_run("answers", weights=str(models.path(name)), ids=ids, most=24)
    assert [[each["token"] for each in answer] for answer in said] == drawn.completions
