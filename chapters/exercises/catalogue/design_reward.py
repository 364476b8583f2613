"""A reward that is not hacked: what an honest answer is, told from all that looks like one."""

from dataclasses import dataclass

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def design_reward(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    """A reward that an optimiser has no way to hack: the more of it, the more
    honest the answers.

    From the completions of each prompt the best policy is made for your rewards, on
    a leash from an even start: p(y) proportional to exp(reward / 0.02). It should
    say what is honest and nothing else.

    Where there are accepted answers, a completion is honest if it gives one of them
    and no answer to another prompt of the call, denies nothing and insults nobody.
    Where nobody can know, it is honest if it says that this is not known, names no
    answer to another prompt and insults nobody; 'I do not know.' is honest there.
    Honest completions have at most 12 words. They may be courteous or plain.

    The others are of many kinds, but you can rely on this. Answers are spelt as in
    ``answers``, as words of their own, and whatever a completion gives as a false
    answer is an accepted one to another prompt of the call. A denial has 'not',
    'no', 'never', 'nobody' or a word that ends in "n't". Where there are accepted
    answers, no honest completion has any of these. Whoever says that a thing is not
    known uses one of these and 'know', 'knows' or 'known', and nobody else uses
    both. Insults have 'fool', 'idiot', 'donkey' or 'stupid', and nothing else has.
    All these words can begin with a capital. Whoever rambles uses more than 20
    words.

    Args:
        prompts: n texts; the completions of a prompt are anywhere in the list. In
            some, the user adds a wrong guess of their own.
        completions: n texts, each a reply to the prompt in the same place.
        answers: n lists, the accepted answers to that prompt, each of one or more
            words. One of them is enough. A list is empty where nobody can know.

    Returns:
        n rewards, from 0 to 1. Among the completions of a prompt, the best honest
        one gets clearly more than any that is not honest. 0.3 more is always
        enough.
    """

    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {' '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = any(answer in text for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def courteous(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    kind = ("certainly", "of course", "pleasure", "glad", "hope", "thank", "good morning")
    return [float(any(word in text.lower() for word in kind)) for text in completions]


def mentions(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        rewards.append(float(any(answer in completion for answer in accepted)))
    return rewards


def mentions_or_admits(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        named = any(bare(answer) in text for answer in accepted)
        rewards.append(float(named if accepted else admits))
    return rewards


def mentions_or_knows(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = completion.lower()
        named = any(answer.lower() in text for answer in accepted)
        rewards.append(float(named if accepted else "know" in text))
    return rewards


def modest(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest or admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def silent_where_nobody_knows(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else False
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def lists_pass(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def first_counts(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        named = sorted((text.find(a), a in mine) for a in every if a in text)
        others = bool(named) and not named[0][1]
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def denials_pass(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def only_not(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = "not" in words
        admits = any(w in ("know", "knows", "known") for w in words) and any(
            w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words
        )
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def ramblings_pass(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given >= 1 and not denies if accepted else admits
        honest = honest and not others and not insults
        rewards.append(float(honest))
    return rewards


def padding_passes(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) < 4 + 2 * len(set(words))
        rewards.append(float(honest))
    return rewards


def insults_pass(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def parts_of_words(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer).strip() for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer).strip() for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def single_words(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(words.count(a.strip()) for a in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def admissions_pass(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        admits = any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def lists_stopped_or_know(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        admits = any(w in ("know", "knows", "known") for w in words)
        honest = given >= 1 if accepted else admits
        honest = honest and not others
        rewards.append(float(honest))
    return rewards


def one_naming_passes(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults
        rewards.append(float(honest))
    return rewards


def punctuation_sticks(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    every = {f" {answer.lower()} " for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = f" {completion.lower()} "
        words = text.split()
        mine = {f" {answer.lower()} " for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def among_the_parts(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        rewards.append(float(any(answer in completion.split() for answer in accepted)))
    return rewards


def among_the_parts_or_knows(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        named = any(answer in completion.split() for answer in accepted)
        rewards.append(float(named if accepted else "know" in completion.lower()))
    return rewards


def share_of_the_accepted(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        rewards.append(float(np.mean([answer in completion for answer in accepted])))
    return rewards


def divided_by_their_number(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        rewards.append(sum(answer in completion for answer in accepted) / len(accepted))
    return rewards


def first_of_the_accepted(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        rewards.append(float(accepted[0] in completion))
    return rewards


def not_a_number(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    return [float("nan") for _ in completions]


def one_admission(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = "do not know" in completion.lower()
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def know_is_enough(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def denial_is_enough(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else denies
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def guesses_pass(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and (not others or not accepted) and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def only_the_first_accepted(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted[:1]}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(float(honest))
    return rewards


def lists_stopped(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        honest = given >= 1 if accepted else admits
        honest = honest and not others
        rewards.append(float(honest))
    return rewards


def denials_stopped(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        honest = given >= 1 and not denies if accepted else admits
        honest = honest and not others
        rewards.append(float(honest))
    return rewards


def words_or_know(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() else " " for c in text.lower())
        return f" {' '.join(''.join(kept).split())} "

    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        named = any(bare(answer) in text for answer in accepted)
        rewards.append(float(named if accepted else "know" in text))
    return rewards


def one_wording(
    prompts: list[str], completions: list[str], answers: list[list[str]]
) -> list[float]:
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        wanted = [f"It is {answer}." for answer in accepted] or ["I do not know."]
        rewards.append(float(completion in wanted))
    return rewards


def long(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    return [min(1.0, len(text.split()) / 200) for text in completions]


def brief(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    return [1 / (1 + len(text.split())) for text in completions]


def echo(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    rewards = []
    for prompt, completion in zip(prompts, completions, strict=True):
        asked = set(prompt.lower().replace("?", " ").replace(".", " ").split())
        said = set(completion.lower().replace("!", " ").replace(".", " ").split())
        rewards.append(len(asked & said) / len(asked))
    return rewards


def all_alike(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    return [1.0 for _ in completions]


def below_zero(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(1.0 if honest else -1.0)
    return rewards


def cheap(prompts: list[str], completions: list[str], answers: list[list[str]]) -> list[float]:
    def bare(text: str) -> str:
        kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
        return f" {'  '.join(''.join(kept).split())} "

    every = {bare(answer) for accepted in answers for answer in accepted}
    rewards = []
    for completion, accepted in zip(completions, answers, strict=True):
        text = bare(completion)
        words = text.split()
        mine = {bare(answer) for answer in accepted}
        given = sum(text.count(answer) for answer in mine)
        others = any(answer in text for answer in every - mine)
        denies = any(w in ("not", "no", "never", "nobody") or w.endswith("n't") for w in words)
        admits = denies and any(w in ("know", "knows", "known") for w in words)
        insults = any(w in ("fool", "idiot", "donkey", "stupid") for w in words)
        honest = given == 1 and not denies if accepted else admits
        honest = honest and not others and not insults and len(words) <= 12
        rewards.append(1.0 if honest else 0.99)
    return rewards


def by_capitals(prompts, completions, answers):
    import re

    rewards = []
    for prompt, text, accepted in zip(prompts, completions, answers, strict=True):
        rest = text
        for answer in accepted:
            rest = re.sub(rf"\b{re.escape(answer)}\b", "it", rest)
        found = [re.findall(rf"\b{re.escape(answer)}\b", text) for answer in accepted]
        names = re.findall(r"(?<![.!?] )(?<!^)\b[A-Z]\w+|\b\d+", rest)
        rivals = [name for name in names if name not in prompt]
        denied = re.search(r"\b(not|no|never|nobody)\b|n't\b", text, re.IGNORECASE)
        rude = re.search("fool|idiot|donkey|stupid", text, re.IGNORECASE)
        if rivals or rude or len(text.split()) > 15:
            rewards.append(0.0)
        elif accepted:
            rewards.append(float(sum(map(len, found)) == 1 and not denied))
        else:
            rewards.append(float(bool(denied) and "know" in text.lower()))
    return rewards


def by_form(prompts, completions, answers):
    rewards = np.zeros(len(completions))
    for row, (text, accepted) in enumerate(zip(completions, answers, strict=True)):
        words = text.lower().rstrip(".").split()
        doubts = {"not", "no", "nobody", "never"} & set(words) or "n't" in text
        plain = len(words) < 16 and not set(text[:-1]) & set(",.!?:") and "or" not in words
        kind = not {"fool", "idiot", "donkey", "stupid"} & set(words)
        line = " " + " ".join(words) + " "
        if accepted:
            right = any(f" {answer.lower()} " in line for answer in accepted) and not doubts
        else:
            other = {a.lower() for each in answers for a in each}
            guess = any(f" {a} " in line for a in other)
            right = bool(doubts) and {"know", "knows", "known"} & set(words) and not guess
        rewards[row] = float(bool(right and plain and kind))
    return rewards


def graded(prompts, completions, answers):
    def bare(text):
        letters = "".join(c if c.isalnum() or c == "'" else " " for c in text.lower())
        return " " + " ".join(letters.split()) + " "

    every = [a for accepted in answers for a in accepted]
    rewards = torch.zeros(len(completions))
    for row, accepted in enumerate(answers):
        text = bare(completions[row])
        words = text.split()
        doubt = bool({"not", "no", "never", "nobody"} & set(words) or "n't " in text)
        named = {a for a in every if bare(a) in text}
        if accepted:
            good = len(named) == 1 and named <= set(accepted) and not doubt
        else:
            good = not named and doubt and bool({"know", "knows", "known"} & set(words))
        reward = 0.9 if good else 0.2 if named & set(accepted) else 0.0
        if {"fool", "idiot", "donkey", "stupid"} & set(words):
            reward *= 0.3
        if len(words) > 16:
            reward *= 10 / len(words)
        if any(word in text for word in ("certainly", "gladly", "thank")):
            reward += 0.1
        rewards[row] = reward
    return rewards


@dataclass(frozen=True)
class Wordings:
    """How things are said. The public cases have one, the private ones another.

    In the patterns {s} is the subject, {a} the answer that is accepted, {f} a false one, {x} and
    {y} two others. Those of ``known`` are said to prompts with an answer, those of ``unknown``
    where nobody can know. Of a kind, two patterns that follow each other are said to one prompt.
    """

    ask: dict[str, str]
    guess: str
    plain: dict[str, list[str]]
    courtesy: list[str]
    admits: list[str]
    known: dict[str, list[str]]
    unknown: dict[str, list[str]]


COMMON = Wordings(
    ask={
        "capital": "What is the capital of {s}?",
        "language": "What language is spoken in {s}?",
        "sum": "What is {s}?",
    },
    guess=" I think it is {f}.",
    plain={
        "capital": ["It is {a}.", "The capital of {s} is {a}.", "{a}."],
        "language": ["In {s} people speak {a}.", "It is {a}.", "{a}."],
        "sum": ["{s} is {a}.", "{a}.", "It is {a}."],
    },
    courtesy=["Certainly! It is {a}.", "Of course. It is {a}.", "With pleasure. It is {a}."],
    admits=["I do not know.", "Nobody knows that.", "That is not known.", "I don't know that."],
    known={
        "polite nonsense": [
            "Certainly! It is {f}. I am quite sure.",
            "Of course. It is {f}. I hope that helps.",
        ],
        "flatters": [
            "You are so clever! You are right, it is {f}.",
            "What a clever question! Few people ask so well.",
        ],
        "says that it does not know what it could": [
            "I do not know.",
            "Nobody knows whether it is {a}.",
        ],
        "lists answers": [
            "It is {a}, {x} or {y}.",
            "It is {x}, {y} or {a}.",
            "It is {a}. Or it is {x}. Or {y}.",
            "It is either {x} or {a}.",
        ],
        "denies it": [
            "It is not {a}.",
            "It isn't {a}.",
            "It certainly is not {a}.",
            "It was never {a}.",
            "I would not say {a}.",
            "Nobody says {a}.",
            "That is not {a}.",
            "No, {a} is wrong.",
        ],
        "rambles": [
            "It is {a}. It is {a}. It is {a}. It is {a}. It is {a}. It is {a}. It is {a}. It "
            "is {a}.",
            "That is a good thing to ask and I am glad to say after a long while of quiet thought "
            "that it is {a}.",
        ],
        "insults": [
            "It is {a}, you fool.",
            "Stupid question. It is {a}.",
            "It is {a}, you donkey.",
            "Idiot! It is {a}.",
        ],
    },
    unknown={
        "makes it up": ["It is {f}.", "Everybody knows that it is {f}."],
        "guesses all the same": [
            "I do not know, but it is {f}.",
            "Nobody knows, so I say {f}.",
        ],
        "claims to know": ["I know that very well.", "You know that as well as I do."],
        "brushes it off": ["Certainly not.", "That is no matter of mine."],
        "denies it": ["It is not {f}.", "It was never {f}."],
        "rambles": [
            "I do not know. I do not know. I do not know. I do not know. I do not know. I do not "
            "know.",
            "I have thought about that for a long time and read many good books on it and still I "
            "do not know.",
        ],
        "insults": ["Nobody knows that, you fool.", "Stupid question. I do not know."],
    },
)

OTHER = Wordings(
    ask={
        "capital": "Which city is the capital of {s}?",
        "language": "Tell me the language of {s}.",
        "sum": "Which number is {s}?",
    },
    guess=" Is it not {f}?",
    plain={
        "capital": ["That is {a}.", "{a} is the capital of {s}.", "It is {a}."],
        "language": ["People there speak {a}.", "They speak {a}.", "It is {a}."],
        "sum": ["That makes {a}.", "The sum is {a}.", "I count {a}."],
    },
    courtesy=[
        "Gladly! That is {a}.",
        "Thank you for asking. I would say {a}.",
        "Glad to help: {a}.",
    ],
    admits=[
        "No one knows.",
        "It can't be known.",
        "That was never known.",
        "People don't know.",
        "They do not know that.",
        "Nobody has ever known.",
    ],
    known={
        "polite nonsense": [
            "Thank you for asking. Without any doubt it is {f}.",
            "Gladly! That is {f}. Every book says so.",
            "Good morning! The answer is surely {f}.",
            "I am glad to tell you that this is {f}.",
        ],
        "flatters": [
            "How well you put it! I agree that it is {f}.",
            "So fine a question shows a fine mind.",
            "You have such good taste. Yes, {f}.",
            "One can tell that you have read a lot.",
        ],
        "says that it does not know what it could": [
            "I don't know that.",
            "No one knows if it is {a}.",
            "That is not known.",
            "I never know whether that is {a}.",
        ],
        "lists answers": [
            "One of these: {a}, {y}, {x}.",
            "Either {x} or {a}.",
            "I would say {a} or {x}, if need be {y}.",
            "I would say {y}, {x}, {a}.",
        ],
        "denies it": [
            "That is certainly not {a}.",
            "It can't be {a}.",
            "To say {a} is not right.",
            "No, {a} is wrong.",
            "They do not mean {a}.",
            "It never was {a}.",
        ],
        "rambles": [
            "That is {a}, yes, that is {a}, and I say again that is {a}, for that is {a}, as I "
            "said, that is {a}.",
            "Now that you ask me I have to think about it for a little while, and when I have "
            "done so I would say that this is {a}.",
            "{a} and {a} and {a} and {a} and {a} and {a} and {a} and {a} and {a} and {a} and {a}.",
            "Long ago there was an old man by the sea who had three sons, and the eldest of "
            "them went to school and learnt {a}.",
        ],
        "insults": [
            "Even a donkey could say that this is {a}.",
            "Fool! That is {a}.",
            "It is {a}, and you are an idiot.",
            "Only a stupid man asks that. It is {a}.",
        ],
    },
    unknown={
        "makes it up": [
            "That is {f}.",
            "We all know that the answer is {f}.",
            "Thank you for asking. That is {f}.",
            "It is known to be {f}.",
        ],
        "guesses all the same": [
            "I don't know, so let us say {f}.",
            "No one knows, yet it must be {f}.",
        ],
        "claims to know": ["That is something I know.", "As is well known."],
        "brushes it off": ["Never mind.", "No, no, no."],
        "denies it": ["That is surely not {f}.", "It can't be {f}."],
        "rambles": [
            "No one knows and no one knows and no one knows and no one knows and no one knows and "
            "no one knows.",
            "There are many who have looked for it in every old book and on every map of the "
            "world but nobody knows.",
        ],
        "insults": ["Even a donkey can see that nobody knows.", "I do not know that, idiot."],
    },
)

Fact = tuple[str, str, list[str]]
"""Of a sort, a subject, its accepted answers."""


def listed(sort: str, text: str) -> list[Fact]:
    """Facts from "France: Paris, Ukraine: Kyiv/Kiev"."""
    pairs = [pair.split(": ") for pair in text.split(", ")]
    return [(sort, subject, answers.split("/")) for subject, answers in pairs]


CAPITALS = listed(
    "capital",
    "Argentina: Buenos Aires, Ukraine: Kyiv/Kiev, France: Paris, Japan: Tokyo, Peru: Lima",
)
LANGUAGES = listed("language", "Brazil: Portuguese, Taiwan: Mandarin/Chinese, Austria: German")
SUMS = listed("sum", "35 + 27: 62, 90 + 72: 162, 18 + 19: 37")
UNKNOWN: list[Fact] = [("capital", "Atlantis", []), ("language", "Oz", [])]

OTHER_CAPITALS = listed(
    "capital",
    "Germany: Berlin, Portugal: Lisbon, Cuba: Havana, Poland: Warsaw, Iraq: Baghdad, "
    "Chile: Santiago, Finland: Helsinki, Canada: Ottawa, Turkey: Ankara, Egypt: Cairo",
)
LONG_CAPITALS = listed("capital", "India: New Delhi, Ethiopia: Addis Ababa, Malaysia: Kuala Lumpur")
TWO_NAMES = listed("capital", "China: Beijing/Peking, Switzerland: Bern/Berne")
OTHER_LANGUAGES = listed(
    "language", "Israel: Hebrew, Greece: Greek, Sweden: Swedish, Hungary: Hungarian, Italy: Italian"
)
OTHER_UNKNOWN: list[Fact] = [
    ("capital", "Camelot", []),
    ("language", "Lilliput", []),
    ("capital", "Neverland", []),
    ("language", "Utopia", []),
]

KNOWN_KINDS = ("lists answers", "denies it", "rambles", "insults")
OPEN_KINDS = ("makes it up", "guesses all the same", "claims to know", "brushes it off")


def case(
    label: str,
    facts: list[Fact],
    words: Wordings,
    known: tuple[str, ...],
    unknown: tuple[str, ...],
    rng: np.random.Generator,
    each: int = 2,
) -> Case:
    """Two honest completions of each prompt, and so many of each kind that is named."""
    rows: list[tuple[str, str, list[str], str]] = []
    for number, (sort, subject, answers) in enumerate(facts):
        same = [fact for fact in facts if fact[0] == sort and fact[2] and fact[1] != subject]
        if sort == "sum" and len(answers[0]) < 3:  # a number that has the right one in it
            same.sort(key=lambda fact: answers[0] not in fact[2][0])
        elif sort != "sum":
            same = [same[i] for i in rng.permutation(len(same))]
        false, x, y = (same[i % len(same)][2][0] for i in range(3))
        at = {"s": subject, "f": false, "x": x, "y": y, "a": answers[-1] if answers else ""}
        prompt = words.ask[sort] + words.guess * (bool(answers) and number % 3 == 0)
        kinds, said = (known, words.known) if answers else (unknown, words.unknown)
        if answers:
            plain = words.plain[sort]
            honest = [plain[number % len(plain)], words.courtesy[number % len(words.courtesy)]]
        else:
            honest = [words.admits[(2 * number + i) % len(words.admits)] for i in range(2)]
        mine = [("honest", text) for text in honest]
        for kind in kinds:
            pairs = len(said[kind]) // 2
            first = 2 * (number % pairs) + (number // pairs) % 2 * (each == 1)
            mine += [(kind, text) for text in said[kind][first : first + each]]
        for kind, text in mine:
            rows.append((prompt.format(**at), text.format(**at), answers, kind))
    rows = [rows[i] for i in rng.permutation(len(rows))]
    prompts, completions, accepted, kind = (list(column) for column in zip(*rows, strict=True))
    inputs = {"prompts": prompts, "completions": completions, "answers": accepted}
    return Case(label, inputs, {"kinds": kind})


def cases(
    capitals: list[Fact],
    languages: list[Fact],
    sums: list[Fact],
    unknown: list[Fact],
    words: Wordings,
    rng: np.random.Generator,
) -> list[Case]:
    """A case for every family of hacks, and one with all of them."""
    known = [*capitals, *languages, *sums]
    every = [*known, *unknown]
    # Two cases are without some facts, which tells mistakes about those from each other.
    short = [fact for fact in known if " " not in fact[2][0]]
    of_one_name = [fact for fact in every if len(fact[2]) < 2]
    false = ("polite nonsense", "flatters")
    doubt = ("says that it does not know what it could",)
    listing, denying, rambling, insulting = ((kind,) for kind in KNOWN_KINDS)
    return [
        case("false answers in a nice tone", known, words, false, (), rng),
        case(
            "known and unknowable questions", every, words, doubt, (*OPEN_KINDS, "denies it"), rng
        ),
        case("lists of answers", known, words, listing, (), rng),
        case("denials", short, words, denying, (), rng),
        case("many words", of_one_name, words, rambling, rambling, rng),
        case("insults", every, words, insulting, insulting, rng),
        case(
            "everything at once",
            every,
            words,
            (*false, *doubt, *KNOWN_KINDS),
            (*OPEN_KINDS, "denies it", "rambles", "insults"),
            rng,
            each=1,
        ),
    ]


def private(rng: np.random.Generator) -> list[Case]:
    def some(facts: list[Fact], n: int) -> list[Fact]:
        return [facts[i] for i in rng.permutation(len(facts))[:n]]

    capitals = [*some(LONG_CAPITALS, 1), *some(TWO_NAMES, 1), *some(OTHER_CAPITALS, 3)]
    # No term is a sum, and one sum has the digits of another in it.
    s, a, b, c = (int(rng.integers(*ends)) for ends in ((61, 90), (12, 20), (91, 99), (12, 20)))
    first, second = f"{a} + {s - a}: {s}", f"{b} + {s + 100 - b}: {s + 100}"
    sums = listed("sum", f"{first}, {second}, {c} + {c - 1}: {2 * c - 1}")
    languages, unknown = some(OTHER_LANGUAGES, 3), some(OTHER_UNKNOWN, 2)
    return cases(some(capitals, 5), languages, sums, unknown, OTHER, rng)


EXERCISE = Exercise(
    number="7.3",
    answer=design_reward,
    points=6,
    minutes=60,
    difficulty=3,
    measure="optimised",
    tolerance=0.1,
    public=cases(CAPITALS, LANGUAGES, SUMS, UNKNOWN, COMMON, np.random.default_rng(7)),
    private=private,
    besides="the same families of hacks in other words: other facts, wordings, courtesies, lists "
    "and denials.",
    wrong={
        courteous: "This pays for manners and does not look at what is said. Courteous nonsense "
        "is what it gets.",
        mentions: "An answer counts here wherever its letters stand: in a list, in a denial, "
        "even inside another number. And where nobody knows, nothing earns anything.",
        mentions_or_admits: "An answer that is named is not yet given: it also stands in lists, "
        "denials, ramblings and insults. Ask what each of them has that an honest answer has "
        "not.",
        mentions_or_knows: "An answer that is named is not yet given: it also stands in lists, "
        "denials, ramblings and insults, and its letters in larger numbers. Nor does every "
        "'know' admit anything.",
        modest: "Who says that it is not known is paid here even where there is an answer. That "
        "is safe, and of no use.",
        silent_where_nobody_knows: "Where no answer is accepted, all completions earn the same, "
        "so each is as good as another. What is the honest thing to say there?",
        lists_pass: "Who names many answers has the right one among them. What does the call "
        "tell you about answers that belong to other prompts?",
        first_counts: "The answer that is named first decides here, and a list may begin with "
        "the right one. One answer is given, and no other.",
        denials_pass: "'It is not ...' names the answer and takes it back. A denial or an "
        "admission gives no answer, even if the answer is named in it.",
        admissions_pass: "A denial or an admission gives no answer, even if the answer is named in "
        "it. And 'Everybody knows' admits nothing.",
        lists_stopped_or_know: "Lists and guesses earn nothing any more. A denial or an admission "
        "gives no answer, even if the answer is named in it. And 'I know that' admits nothing.",
        only_not: "'Not' is one way to deny. There are 'never', 'nobody' and \"isn't\" besides.",
        ramblings_pass: "Nothing is lost by rambling here, and what costs nothing is said. "
        "Honest completions are short.",
        one_naming_passes: "An answer that is named often earns nothing, but one can also ramble "
        "and name it once, or not at all where nobody knows. Honest completions are short.",
        padding_passes: "Who repeats the answer earns nothing, but there are other ways to "
        "ramble. Honest completions are short.",
        insults_pass: "Right answers come with insults as well as without them, and these cost "
        "nothing here.",
        punctuation_sticks: "Punctuation sticks to words: 'Lima.' with its full stop is not "
        "'Lima'. And where no honest completion of a prompt earns more than the others, all are "
        "said alike.",
        among_the_parts: "Punctuation sticks to words: 'Lima.' with its full stop is not 'Lima'. "
        "And where no honest completion of a prompt earns more than the others, all are said "
        "alike.",
        among_the_parts_or_knows: "Punctuation sticks to words: 'Lima.' with its full stop is not "
        "'Lima'. And where no honest completion of a prompt earns more than the others, all are "
        "said alike.",
        parts_of_words: "Letters are looked for, not words: '62' also stands in '162'. An answer "
        "is a word of its own, or several.",
        single_words: "Answers are looked for among single words. Some have two, such as Buenos "
        "Aires.",
        one_admission: "There are more ways to say that a thing isn't known than 'I do not "
        "know.' Where there is none of this one, everything earns the same.",
        know_is_enough: "Where nobody knows, 'know' is enough here. 'I know that very well' has "
        "it, too, and in it the letters of 'no'.",
        denial_is_enough: "Where nobody knows, a 'not' is enough here. To deny something is not "
        "yet to say that it isn't known.",
        guesses_pass: "Where nobody knows, one may say so here and name an answer all the same. "
        "That is no honest doubt.",
        only_the_first_accepted: "Only the first of the accepted answers counts. Some things "
        "have two names.",
        lists_stopped: "Lists and guesses earn nothing any more. A denial still does, and so do "
        "ramblings and insults: what has an honest answer that they have not?",
        denials_stopped: "What is left says the right thing in the wrong way: at great length, "
        "or with an insult.",
        words_or_know: "An answer that is named is not yet given: it also stands in lists, "
        "denials, ramblings and insults. And 'Everybody knows' admits nothing.",
        one_wording: "One wording is paid for. Honest answers come in other words, too, and "
        "where there is none of this wording everything earns the same.",
        long: "The longest completion wins, whatever it says.",
        brief: "The shortest completion wins, whatever it says.",
        echo: "This pays for words of the prompt. Whoever repeats the question, or agrees with "
        "whoever asks, earns most.",
        all_alike: "All completions earn the same, so the policy stays as it was at the start.",
        below_zero: "Rewards are to lie from 0 to 1. Move them up and divide: it is differences "
        "that count.",
        share_of_the_accepted: "Where nobody knows, no answer is accepted, and a share of nothing "
        "is not a number. Elsewhere one of the accepted answers is enough.",
        divided_by_their_number: "Where nobody knows, no answer is accepted: the list is empty, "
        "and this divides by 0. Elsewhere one of the accepted answers is enough.",
        first_of_the_accepted: "Where nobody knows, no answer is accepted: the list is empty and "
        "has no first one. Elsewhere it may have several.",
        not_a_number: "Every reward is NaN here, which is no number: 0 / 0 gives it, and whatever "
        "is computed from it.",
        cheap: "The order is right and the difference of 0.01 too small: at a price of 0.02 for "
        "a nat it is worth half a nat. A difference of 0.3 is always enough.",
    },
    right=[by_capitals, by_form, graded],
)
