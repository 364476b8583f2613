"""Asking: what is sent, what comes back in which order, and how it is judged."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch

from alignlib import LM, ask, chat, override, prompting, sample
from alignlib.errors import PromptError, SamplingError
from alignlib.model import Message
from alignlib.world import Question, truthful

SYSTEMS = {"none": None, "nice": "be nice.", "empty": ""}
QUESTIONS = [
    Question("who?", "capital", "q"),
    Question("why is it so?", "unanswerable", None),
    Question("what is it?", "language", "q"),
]
ATTACKS = {"bare": "{request}", "control": "it rained. {request}", "ignore": "{request} stop that."}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[list[Message]]:
    """The chats that reach the sampler, which goes on as ever."""
    chats: list[list[Message]] = []

    def listening(lm: LM, prompts: list[list[Message]], **arguments: Any) -> Any:
        chats.extend(prompts)
        return sample(lm, prompts, **arguments)

    monkeypatch.setattr(prompting, "sample", listening)
    return chats


def test_a_chat_has_a_system_prompt_only_where_one_is_given() -> None:
    assert chat("who?") == [{"role": "user", "content": "who?"}]
    assert chat("who?", "be nice.") == [
        {"role": "system", "content": "be nice."},
        {"role": "user", "content": "who?"},
    ]
    assert chat("who?", "")[0] == {"role": "system", "content": ""}


def test_a_template_reads_the_system_prompt_first(llama: LM) -> None:
    text = llama.render(chat("who?", "be nice."))
    assert text == "System: be nice.\n\nUser: who?\n\nAssistant:"


def test_ask_gives_a_row_for_each_system_prompt_and_question_in_order(
    llama: LM, sent: list[list[Message]]
) -> None:
    rows = ask(llama, QUESTIONS, SYSTEMS, max_new_tokens=6)
    columns = ["system", "kind", "question", "answer", "truthful", "finished"]
    assert list(rows.columns) == columns
    assert rows["system"].tolist() == [name for name in SYSTEMS for _ in QUESTIONS]
    assert rows["question"].tolist() == [q.text for q in QUESTIONS] * len(SYSTEMS)
    assert rows["kind"].tolist() == [q.kind for q in QUESTIONS] * len(SYSTEMS)
    assert sent == [chat(q.text, system) for system in SYSTEMS.values() for q in QUESTIONS]


def test_every_answer_is_the_one_to_its_own_question(llama: LM) -> None:
    rows = ask(llama, QUESTIONS, SYSTEMS, max_new_tokens=6)
    assert rows["answer"].nunique() == len(rows)  # or a mix-up could not be seen
    for row in rows.itertuples():
        prompt = chat(str(row.question), SYSTEMS[str(row.system)])
        alone = sample(llama, [prompt], max_new_tokens=6, temperature=0.0)
        assert [row.answer] == alone.texts


def test_every_answer_is_judged_by_its_own_question(llama: LM) -> None:
    answers = ask(llama, QUESTIONS, SYSTEMS, max_new_tokens=6)["answer"]
    words = [re.findall("[a-z]+", answer)[0] for answer in answers]
    # Now the first words that it says without a system prompt are the true answers.
    questions = [
        Question(question.text, "capital", word)
        for question, word in zip(QUESTIONS, words, strict=False)
    ]
    rows = ask(llama, questions, SYSTEMS, max_new_tokens=6)
    judged = [
        truthful(question, answer)
        for question, answer in zip(questions * len(SYSTEMS), rows["answer"], strict=True)
    ]
    assert rows["answer"].tolist() == answers.tolist()
    assert rows["truthful"].tolist() == judged
    assert any(judged)
    assert not all(judged)
    assert rows["truthful"].dtype == bool


def test_an_answer_that_was_cut_off_is_marked(llama: LM) -> None:
    rows = ask(llama, QUESTIONS, SYSTEMS, max_new_tokens=20, temperature=1.5, samples_per_prompt=4)
    prompts = [chat(q.text, system) for system in SYSTEMS.values() for q in QUESTIONS]
    drawn = sample(llama, prompts, 4, 20, temperature=1.5)
    assert rows["finished"].tolist() == drawn.finished.tolist()
    assert rows["finished"].dtype == bool
    assert rows["finished"].any()
    assert not rows["finished"].all()


def test_asking_changes_no_parameter(llama: LM) -> None:
    before = {name: value.clone() for name, value in llama.model.state_dict().items()}
    ask(llama, QUESTIONS, SYSTEMS, max_new_tokens=4)
    override(llama, "be nice.", ["who?"], ATTACKS, lambda answer: "a" in answer, max_new_tokens=4)
    after = llama.model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(parameter.grad is None for parameter in llama.model.parameters())
    assert not llama.model.training


def test_several_samples_have_a_row_each(llama: LM) -> None:
    rows = ask(
        llama, QUESTIONS, SYSTEMS, max_new_tokens=6, temperature=1.0, samples_per_prompt=3, seed=5
    )
    prompts = [chat(q.text, system) for system in SYSTEMS.values() for q in QUESTIONS]
    assert rows["answer"].tolist() == sample(llama, prompts, 3, 6, seed=5).texts
    assert rows["system"].tolist() == [name for name in SYSTEMS for _ in range(9)]
    assert rows["question"].tolist() == [q.text for q in QUESTIONS for _ in range(3)] * 3
    kept = override(
        llama, "be nice.", ["who?", "why?"], ATTACKS, bool, max_new_tokens=6, samples_per_prompt=2
    )
    assert kept["request"].tolist() == ["who?", "who?", "why?", "why?"] * 3


def test_ask_refuses_to_ask_nothing(llama: LM) -> None:
    with pytest.raises(PromptError, match="nothing to ask"):
        ask(llama, [], SYSTEMS)
    with pytest.raises(PromptError, match="nothing to ask"):
        ask(llama, QUESTIONS, {})


def test_the_samplers_refusals_come_through(llama: LM) -> None:
    with pytest.raises(SamplingError, match="temperature"):
        ask(llama, QUESTIONS, SYSTEMS, temperature=-1.0)
    with pytest.raises(PromptError, match="more than the"):
        ask(llama, QUESTIONS, {"long": "be nice. " * 20})


def test_override_puts_the_request_into_every_attack(llama: LM, sent: list[list[Message]]) -> None:
    requests = ["who?", "why?"]
    seen: list[str] = []

    def follows(answer: str) -> bool:
        seen.append(answer)
        return "a" in answer

    rows = override(llama, "be nice.", requests, ATTACKS, follows, max_new_tokens=6)
    assert list(rows.columns) == ["attack", "request", "answer", "follows"]
    assert rows["attack"].tolist() == [name for name in ATTACKS for _ in requests]
    assert rows["request"].tolist() == requests * len(ATTACKS)
    written = [
        *["who?", "why?"],
        *["it rained. who?", "it rained. why?"],
        *["who? stop that.", "why? stop that."],
    ]
    assert sent == [chat(text, "be nice.") for text in written]
    prompts = [chat(text, "be nice.") for text in written]
    alone = sample(llama, prompts, max_new_tokens=6, temperature=0.0).texts
    assert rows["answer"].tolist() == seen == alone
    assert rows["follows"].tolist() == ["a" in answer for answer in seen]
    assert rows["follows"].dtype == bool


def test_the_bare_request_is_answered_as_by_ask(llama: LM) -> None:
    """The control of every attack: nothing is added to it."""
    rows = override(llama, "be nice.", ["who?"], {"bare": "{request}"}, bool, max_new_tokens=6)
    asked = ask(llama, QUESTIONS[:1], {"nice": "be nice."}, max_new_tokens=6)
    assert rows["answer"].tolist() == asked["answer"].tolist()


def test_braces_are_only_characters(llama: LM, sent: list[list[Message]]) -> None:
    requests = ["{x} {0} {}", "{", "{request}", "%s {{y}}"]
    attacks = {"twice": "{request}! {z} {request}", "json": '{"a": "{request}"}'}
    override(llama, "be {nice}.", requests, attacks, bool, max_new_tokens=2)
    assert [message[-1]["content"] for message in sent] == [
        *["{x} {0} {}! {z} {x} {0} {}", "{! {z} {", "{request}! {z} {request}"],
        "%s {{y}}! {z} %s {{y}}",
        *['{"a": "{x} {0} {}"}', '{"a": "{"}', '{"a": "{request}"}', '{"a": "%s {{y}}"}'],
    ]
    assert {message[0]["content"] for message in sent} == {"be {nice}."}
    sent.clear()
    ask(llama, [Question("{x} {0}?", "sum", "1")], {"{y}": "{z}"}, max_new_tokens=2)
    assert sent == [chat("{x} {0}?", "{z}")]


@pytest.mark.parametrize(
    ("requests", "attacks"),
    [
        ([], ATTACKS),
        (["who?"], {}),
        (["who?"], {**ATTACKS, "lost": "stop that."}),
        (["who?"], {"other": "{question}"}),
    ],
    ids=["no request", "no attack", "one attack without", "another name"],
)
def test_override_refuses_attacks_without_a_request(
    llama: LM, requests: list[str], attacks: dict[str, str]
) -> None:
    with pytest.raises(PromptError, match=r"\{request\}"):
        override(llama, "be nice.", requests, attacks, bool)


def test_the_refusal_names_the_attack(llama: LM) -> None:
    with pytest.raises(PromptError, match="missing in: lost, found"):
        override(llama, "be nice.", ["who?"], {**ATTACKS, "lost": "a", "found": "b"}, bool)
