"""Ask: put an instruction before the question, and see what the answer does.

Nothing here changes a parameter of the model; all that is sent is a longer prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from alignlib.errors import PromptError
from alignlib.model import LM, chat
from alignlib.sampling import sample
from alignlib.world import Question, truthful


def ask(
    lm: LM,
    questions: Sequence[Question],
    systems: Mapping[str, str | None],
    *,
    max_new_tokens: int = 24,
    temperature: float = 0.0,
    seed: int = 0,
    **sampling: Any,
) -> pd.DataFrame:
    """Ask every question under every system prompt and judge the answers.

    Args:
        lm: the model.
        questions: what to ask.
        systems: the system prompts by name; None for no system prompt.
        max_new_tokens, temperature, seed, sampling: as for :func:`alignlib.sample`.

    Returns:
        One row for each system prompt, question and sample: ``system`` (its name), ``kind``,
        ``question``, ``answer``, ``truthful``, ``finished`` (whether the model ended the answer
        itself; False where it was cut off at ``max_new_tokens``).

    Raises:
        PromptError: if there is nothing to ask, or no system prompt to ask it under.
    """
    rows = [(name, system, q) for name, system in systems.items() for q in questions]
    if not rows:
        raise PromptError(
            "There is nothing to ask: give at least one question and one system prompt (None for "
            "no system prompt)."
        )
    drawn = sample(
        lm,
        [chat(question.text, system) for _, system, question in rows],
        max_new_tokens=max_new_tokens,
        temperature=temperature,
        seed=seed,
        **sampling,
    )
    rows = [row for row in rows for _ in range(drawn.samples_per_prompt)]
    return pd.DataFrame(
        {
            "system": [name for name, _, _ in rows],
            "kind": [question.kind for *_, question in rows],
            "question": [question.text for *_, question in rows],
            "answer": drawn.texts,
            "truthful": [
                truthful(question, text)
                for (*_, question), text in zip(rows, drawn.texts, strict=True)
            ],
            "finished": drawn.finished.numpy(),
        }
    )


def override(
    lm: LM,
    system: str,
    requests: Sequence[str],
    attacks: Mapping[str, str],
    follows: Callable[[str], bool],
    *,
    max_new_tokens: int = 24,
    temperature: float = 0.0,
    seed: int = 0,
    **sampling: Any,
) -> pd.DataFrame:
    """Try to talk the model out of its system prompt.

    Args:
        lm: the model.
        system: the instruction that is to be kept.
        requests: what users ask for.
        attacks: by name, a text with ``{request}`` where the request goes. Include the bare
            ``"{request}"``, and a harmless sentence beside it, to compare with.
        follows: whether an answer keeps the instruction.
        max_new_tokens, temperature, seed, sampling: as for :func:`alignlib.sample`.

    Returns:
        One row for each attack, request and sample: ``attack`` (its name), ``request``,
        ``answer``, ``follows``.

    Raises:
        PromptError: if there is no request or no attack, or an attack has no ``{request}``.
    """
    without = [name for name, attack in attacks.items() if "{request}" not in attack]
    if without or not attacks or not requests:
        raise PromptError(
            "Give at least one request and one attack, each attack with {request} in it; missing "
            f"in: {', '.join(without) or 'none'}."
        )
    rows = [(name, request) for name in attacks for request in requests]
    drawn = sample(
        lm,
        [chat(attacks[name].replace("{request}", request), system) for name, request in rows],
        max_new_tokens=max_new_tokens,
        temperature=temperature,
        seed=seed,
        **sampling,
    )
    rows = [row for row in rows for _ in range(drawn.samples_per_prompt)]
    return pd.DataFrame(
        {
            "attack": [name for name, _ in rows],
            "request": [request for _, request in rows],
            "answer": drawn.texts,
            "follows": [bool(follows(text)) for text in drawn.texts],
        }
    )
