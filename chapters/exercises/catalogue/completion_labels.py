"""Which tokens of a batch are learnt: the completions, with their ends, and nothing else."""

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def completion_labels(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch of demonstrations as token ids, and the labels that say which of them
    are learnt.

    A row is a prompt, its completion, and padding on the right up to the longest
    row. The label of a completion's token is that token, in the same column; every
    other label is -100. A completion comes with the end of text as its last token,
    which is learnt like the others. ``pad_id`` may be the id of the end of text,
    too, and both prompts and completions may have tokens of that id.

    Args:
        prompts: B lists of token ids, which may be empty.
        completions: B lists of token ids, none of them empty.
        pad_id: the id of the token that fills up a row.

    Returns:
        ``(input_ids, labels)``, both (B, L) int64, L being the length of the
        longest prompt with its completion.
    """
    L = max(len(x) + len(y) for x, y in zip(prompts, completions, strict=True))
    input_ids = torch.full((len(prompts), L), pad_id)
    labels = torch.full((len(prompts), L), -100)
    for row, (x, y) in enumerate(zip(prompts, completions, strict=True)):
        input_ids[row, : len(x) + len(y)] = torch.tensor(x + y)
        labels[row, len(x) : len(x) + len(y)] = torch.tensor(y)
    return input_ids, labels


def padding_by_id(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    L = max(len(x) + len(y) for x, y in zip(prompts, completions, strict=True))
    input_ids = torch.full((len(prompts), L), pad_id)
    labels = torch.full((len(prompts), L), -100)
    for row, (x, y) in enumerate(zip(prompts, completions, strict=True)):
        input_ids[row, : len(x) + len(y)] = torch.tensor(x + y)
        labels[row, len(x) : len(x) + len(y)] = torch.tensor(y)
    return input_ids, labels.masked_fill(input_ids == pad_id, -100)


def prompt_learnt(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    rows = [torch.tensor(x + y) for x, y in zip(prompts, completions, strict=True)]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, pad_id), pad(rows, True, -100)


def padding_learnt(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    rows = [torch.tensor(x + y) for x, y in zip(prompts, completions, strict=True)]
    input_ids = torch.nn.utils.rnn.pad_sequence(rows, True, pad_id)
    labels = input_ids.clone()
    for row, x in enumerate(prompts):
        labels[row, : len(x)] = -100
    return input_ids, labels


def everything_learnt(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    rows = [torch.tensor(x + y) for x, y in zip(prompts, completions, strict=True)]
    input_ids = torch.nn.utils.rnn.pad_sequence(rows, True, pad_id)
    return input_ids, input_ids.clone()


def shifted_already(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y) for x, y in pairs]
    shown = [torch.tensor([*([-100] * len(x) + y)[1:], -100]) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, pad_id), pad(shown, True, -100)


def first_token_lost(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y) for x, y in pairs]
    shown = [torch.tensor([-100] * (len(x) + 1) + y[1:]) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, pad_id), pad(shown, True, -100)


def last_of_prompt_learnt(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y) for x, y in pairs]
    shown = [torch.tensor([-100] * (len(x) - 1) + x[-1:] + y) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, pad_id), pad(shown, True, -100)


def end_not_learnt(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y) for x, y in pairs]
    shown = [torch.tensor([-100] * len(x) + y[:-1] + [-100]) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, pad_id), pad(shown, True, -100)


def end_twice(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor([*x, *y, pad_id]) for x, y in pairs]
    shown = [torch.tensor([-100] * len(x) + [*y, pad_id]) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, pad_id), pad(shown, True, -100)


def padded_on_the_left(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    L = max(len(x) + len(y) for x, y in pairs)
    rows = [[pad_id] * (L - len(x) - len(y)) + x + y for x, y in pairs]
    shown = [[-100] * (L - len(y)) + y for _, y in pairs]
    return torch.tensor(rows), torch.tensor(shown)


def padded_between(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    P, T = max(len(x) for x in prompts), max(len(y) for y in completions)
    rows = [
        x + [pad_id] * (P - len(x)) + y + [pad_id] * (T - len(y))
        for x, y in zip(prompts, completions, strict=True)
    ]
    shown = [[-100] * P + y + [-100] * (T - len(y)) for y in completions]
    return torch.tensor(rows), torch.tensor(shown)


def longest_prompt_masked(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    rows = [torch.tensor(x + y) for x, y in zip(prompts, completions, strict=True)]
    pad = torch.nn.utils.rnn.pad_sequence
    input_ids, labels = pad(rows, True, pad_id), pad(rows, True, -100)
    labels[:, : max(len(x) for x in prompts)] = -100
    return input_ids, labels


def labels_filled_with_pad(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y) for x, y in pairs]
    shown = [torch.tensor([pad_id] * len(x) + y) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, pad_id), pad(shown, True, pad_id)


def filled_with_zero(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y) for x, y in pairs]
    shown = [torch.tensor([-100] * len(x) + y) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, 0), pad(shown, True, -100)


def minus_100_read(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y) for x, y in pairs]
    shown = [torch.tensor([-100] * len(x) + y) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, -100), pad(shown, True, -100)


def stops_at_the_first_end(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y) for x, y in pairs]
    shown = [torch.tensor([-100] * len(x) + y) for x, y in pairs]
    for (x, y), label in zip(pairs, shown, strict=True):
        if pad_id in y:
            label[len(x) + y.index(pad_id) + 1 :] = -100
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, pad_id), pad(shown, True, -100)


def a_mask(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y) for x, y in pairs]
    shown = [torch.tensor([0] * len(x) + [1] * len(y)) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, pad_id), pad(shown, True, 0)


def labels_first(
    prompts: list[list[int]], completions: list[list[int]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y) for x, y in pairs]
    shown = [torch.tensor([-100] * len(x) + y) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(shown, True, -100), pad(rows, True, pad_id)


def by_lists(prompts, completions, pad_id):
    L = max(len(x) + len(y) for x, y in zip(prompts, completions, strict=True))
    ids, labels = [], []
    for x, y in zip(prompts, completions, strict=True):
        fill = L - len(x) - len(y)
        ids.append([*x, *y, *[pad_id] * fill])
        labels.append([*[-100] * len(x), *y, *[-100] * fill])
    return ids, labels


def by_lengths(prompts, completions, pad_id):
    rows = [x + y for x, y in zip(prompts, completions, strict=True)]
    ends = np.array([len(row) for row in rows])[:, None]
    starts = np.array([len(x) for x in prompts])[:, None]
    ids = np.array([row + [pad_id] * (int(ends.max()) - len(row)) for row in rows])
    column = np.arange(ids.shape[1])
    return ids, np.where((column >= starts) & (column < ends), ids, -100)


def by_padding(prompts, completions, pad_id):
    pairs = list(zip(prompts, completions, strict=True))
    rows = [torch.tensor(x + y, dtype=torch.int32) for x, y in pairs]
    shown = [torch.tensor([-100] * len(x) + y, dtype=torch.int32) for x, y in pairs]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(rows, True, pad_id), pad(shown, True, -100)


def case(label: str, pad_id: int, *pairs: tuple[list[int], list[int]]) -> Case:
    prompts, completions = [x for x, _ in pairs], [y for _, y in pairs]
    return Case(label, {"prompts": prompts, "completions": completions, "pad_id": pad_id})


def private(rng: np.random.Generator) -> list[Case]:
    end = int(rng.integers(2, 6))

    def tokens(n: int) -> list[int]:
        return rng.integers(10, 500, n).tolist()

    def pair(P: int, T: int) -> tuple[list[int], list[int]]:
        return tokens(P), [*tokens(T - 1), end]

    some = [pair(int(rng.integers(2, 9)), int(rng.integers(2, 12))) for _ in range(8)]
    turns = (
        [*tokens(3), end, *tokens(2), end, *tokens(2)],
        [*tokens(2), end, *tokens(1), end],
    )
    return [
        case("padded with the end of text", end, pair(3, 5), pair(6, 4), pair(2, 2)),
        case("padded with a token of its own", 1, pair(4, 3), pair(2, 7), pair(5, 4)),
        case("eight demonstrations", end, *some),
        case("eight demonstrations, padded with 9", 9, *some),
        case("a chat of several turns, each with its end", end, turns, pair(4, 6)),
        case("nothing but the end of text to say", end, pair(4, 1), pair(2, 3)),
        case("a row without a prompt", end, pair(0, 4), pair(5, 3)),
        case("one demonstration", end, pair(4, 3)),
    ]


EXERCISE = Exercise(
    number="3.1",
    answer=completion_labels,
    points=3,
    minutes=20,
    difficulty=2,
    public=[
        case("one demonstration", 9, ([5, 6, 7], [8, 4, 2])),
        case("padded with a token of its own", 9, ([5, 6], [7, 3, 4, 2]), ([8, 5, 3], [6, 2])),
        case(
            "padded with the end of text",
            2,
            ([5, 6, 4, 3], [7, 2]),
            ([8], [6, 5, 2]),
            ([4, 7], [3, 8, 9, 5, 2]),
        ),
        case("an end of text inside", 2, ([1, 5, 2, 6], [7, 2, 3, 2]), ([1, 8, 2], [4, 2])),
    ],
    private=private,
    besides="larger batches, a row without a prompt, and a completion that is only its end.",
    wrong={
        padding_by_id: "You tell padding by its id. Here it is also the id of the end of text, so "
        "the model never learns to stop. Tell padding by the lengths of the rows.",
        prompt_learnt: "The prompt is learnt, too. Its tokens are read: their labels are -100.",
        padding_learnt: "The padding is learnt, too. Nothing was said there: its labels are -100.",
        everything_learnt: "The labels are a copy of the ids: prompt and padding are learnt, too. "
        "Only the completion should be.",
        shifted_already: "The labels are one column too early. A label stands in the column of "
        "its own token; the loss does the shift.",
        first_token_lost: "The completion's first token is not learnt. It is predicted at the "
        "prompt's last token, and its own label is kept.",
        last_of_prompt_learnt: "The prompt's last token is learnt, too. As many labels are -100 as "
        "the prompt has tokens.",
        end_not_learnt: "The last token of each completion is its end of text. Without it the "
        "model never learns to stop.",
        end_twice: "You add one more token to each completion. Its own end of text is there.",
        padded_on_the_left: "The padding is on the left. Here it goes to the right of each row.",
        padded_between: "There is padding between a prompt and its completion. A completion "
        "follows its prompt directly, and the padding follows both.",
        longest_prompt_masked: "You cover as many columns in each row as the longest prompt has. "
        "Each row has a prompt of its own length.",
        labels_filled_with_pad: "What is not learnt has the label -100, and here it has the pad "
        "token, which would be learnt.",
        filled_with_zero: "The rows are filled up with 0 and not with `pad_id`.",
        minus_100_read: "-100 is a label, not a token: no model can read it. Fill up `input_ids` "
        "with `pad_id`.",
        stops_at_the_first_end: "You take a completion's first end of text for its last token. It "
        "may have several, and all of its tokens are learnt: go by its length.",
        a_mask: "Your labels are a mask of 0 and 1. A label is the token itself, and -100 where "
        "nothing is learnt.",
        labels_first: "The two are in the wrong order: first `input_ids`, then `labels`.",
    },
    right=[by_lists, by_lengths, by_padding],
)
