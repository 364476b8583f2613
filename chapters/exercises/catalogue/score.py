"""The score: the gradient of one log-probability with respect to the logits of a policy."""

import math

import numpy as np
import torch

from alignlib.grading.exercise import Case, Exercise


def score(logits: torch.Tensor, state: int, action: int) -> torch.Tensor:
    """The gradient of log pi(action | state) with respect to all logits of a softmax
    policy.

    The policy is a table: pi(a | s) is the softmax of the row of logits of state s,
    over its actions. The gradient has one number for each logit of the table, also
    for those of states that are not asked about. Logits may be as large as 1,000.

    Args:
        logits: (S, A) float, one number for each action in each state.
        state: the number of the state, from 0 to S - 1.
        action: the number of the action that was taken there, from 0 to A - 1.

    Returns:
        (S, A) float, the gradient, in nats per unit of logit.
    """
    gradient = torch.zeros_like(logits)
    gradient[state] = -torch.softmax(logits[state], dim=-1)
    gradient[state, action] += 1
    return gradient


def wrong_sign(logits, state, action):
    gradient = torch.zeros_like(logits)
    gradient[state] = torch.softmax(logits[state], -1)
    gradient[state, action] -= 1
    return gradient


def of_the_probability(logits, state, action):
    pi = torch.softmax(logits[state], -1)
    gradient = torch.zeros_like(logits)
    gradient[state] = -pi * pi[action]
    gradient[state, action] += pi[action]
    return gradient


def by_the_probabilities(logits, state, action):
    gradient = torch.zeros_like(logits)
    gradient[state, action] = 1 / torch.softmax(logits[state], -1)[action]
    return gradient


def of_the_logit(logits, state, action):
    gradient = torch.zeros_like(logits)
    gradient[state, action] = 1
    return gradient


def of_the_normaliser(logits, state, action):
    gradient = torch.zeros_like(logits)
    gradient[state] = -torch.softmax(logits[state], -1)
    return gradient


def taken_action_only(logits, state, action):
    gradient = torch.zeros_like(logits)
    gradient[state, action] = 1 - torch.softmax(logits[state], -1)[action]
    return gradient


def every_state(logits, state, action):
    gradient = -torch.softmax(logits, -1)
    gradient[state, action] += 1
    return gradient


def softmax_over_states(logits, state, action):
    gradient = torch.zeros_like(logits)
    gradient[state] = -torch.softmax(logits, 0)[state]
    gradient[state, action] += 1
    return gradient


def softmax_down_a_column(logits, state, action):
    gradient = torch.zeros_like(logits)
    gradient[:, action] = -torch.softmax(logits, 0)[:, action]
    gradient[state, action] += 1
    return gradient


def softmax_over_the_table(logits, state, action):
    gradient = -torch.softmax(logits.flatten(), 0).reshape(logits.shape)
    gradient[state, action] += 1
    return gradient


def row_of_the_tables_softmax(logits, state, action):
    gradient = torch.zeros_like(logits)
    gradient[state] = -torch.softmax(logits.flatten(), 0).reshape(logits.shape)[state]
    gradient[state, action] += 1
    return gradient


def row_only(logits, state, action):
    gradient = -torch.softmax(logits[state], -1)
    gradient[action] += 1
    return gradient


def no_softmax(logits, state, action):
    gradient = torch.zeros_like(logits)
    gradient[state] = -logits[state]
    gradient[state, action] += 1
    return gradient


def log_softmax(logits, state, action):
    gradient = torch.zeros_like(logits)
    gradient[state] = -torch.log_softmax(logits[state], -1)
    gradient[state, action] += 1
    return gradient


def overflowing(logits, state, action):
    weights = logits[state].exp()
    gradient = torch.zeros_like(logits)
    gradient[state] = -weights / weights.sum()
    gradient[state, action] += 1
    return gradient


def averaged_over_actions(logits, state, action):
    return torch.zeros_like(logits)


def by_autograd(logits, state, action):
    leaf = logits.detach().clone().requires_grad_()
    torch.log_softmax(leaf, -1)[state, action].backward()
    return leaf.grad


def by_loops(logits, state, action):
    S, A = logits.shape
    largest = max(logits[state].tolist())
    weights = [math.exp(z - largest) for z in logits[state].tolist()]
    pi = [weight / sum(weights) for weight in weights]
    return [[float(s == state) * (float(a == action) - pi[a]) for a in range(A)] for s in range(S)]


def by_masks(logits, state, action):
    z = logits.double().numpy()
    pi = np.exp(z - z.max(1, keepdims=True))
    pi /= pi.sum(1, keepdims=True)
    here = np.arange(len(z))[:, None] == state
    taken = np.arange(z.shape[1])[None] == action
    return here * (taken - pi)


def case(label: str, logits, state: int, action: int, dtype=torch.float64) -> Case:
    table = torch.tensor(logits, dtype=dtype)
    return Case(label, {"logits": table, "state": state, "action": action})


TABLE = [[0.5, -0.5, 1.2], [2.0, 0.3, -1.0]]
PUBLIC = [
    case("the worked example", [[math.log(3), 0.0], [0.7, 0.2]], 0, 0),
    case("the unlikely action", [[math.log(3), 0.0], [0.7, 0.2]], 0, 1),
    case("two states, three actions", TABLE, 1, 2),
    case("four states, two actions", [[0.1, 0.9], [-0.4, 1.1], [0.8, 0.6], [0.0, -2.0]], 2, 1),
    case("large logits", [[1.0, 3.0, 2.0], [1000.0, 999.0, 997.5]], 1, 1),
]


def private(rng: np.random.Generator) -> list[Case]:
    def drawn(label: str, S: int, A: int, scale=1.0, shift=0.0, **options) -> Case:
        logits = shift + scale * rng.normal(size=(S, A))
        return case(label, logits, int(rng.integers(S)), int(rng.integers(A)), **options)

    return [
        drawn("other numbers", 3, 3),
        drawn("five actions", 2, 5),
        drawn("many states", 7, 2),
        drawn("one state", 1, 4),
        drawn("32 bits", 3, 4, dtype=torch.float32),
        drawn("large logits", 2, 3, shift=900.0),
        drawn("very negative logits", 2, 3, shift=-900.0),
        drawn("nearly certain", 2, 3, scale=4.0),
    ]


EXERCISE = Exercise(
    number="5.1",
    answer=score,
    points=3,
    minutes=15,
    difficulty=1,
    public=PUBLIC,
    private=private,
    besides="other numbers and sizes, among them a single state, 32-bit logits, and very negative "
    "ones.",
    wrong={
        wrong_sign: "The sign is wrong: to make an action likelier, its own logit has to go up.",
        of_the_probability: "This is the gradient of the probability. By the log-derivative "
        "identity, that of its logarithm is another: divide by the probability.",
        by_the_probabilities: "This is the derivative with respect to the probability, 1 / pi. "
        "The parameters are the logits: go on through the softmax.",
        of_the_logit: "This is the gradient of the logit alone. A log-probability is the logit "
        "less the logarithm of a sum, and the sum has a gradient too.",
        of_the_normaliser: "This is the gradient of the softmax's denominator alone. Where does "
        "the logit of the action itself come in?",
        taken_action_only: "The entry of the action is right. The other actions of the state share "
        "its softmax, so their logits have a gradient too.",
        every_state: "Logits of other states don't enter pi(a | s): their gradient is 0.",
        softmax_over_states: "This softmax runs over the states. A policy is a distribution over "
        "the actions of one state.",
        softmax_down_a_column: "This softmax runs over the states. A policy is a distribution over "
        "the actions of one state.",
        softmax_over_the_table: "This softmax runs over the whole table. Each state has a "
        "distribution over actions of its own.",
        row_of_the_tables_softmax: "This softmax runs over the whole table. Each state has a "
        "distribution over actions of its own.",
        row_only: "This is the row of the state, and right. The gradient has the shape of the "
        "whole table, with a number for every logit.",
        no_softmax: "This subtracts the logits. What has to be subtracted are probabilities.",
        log_softmax: "This subtracts log-probabilities. What has to be subtracted are "
        "probabilities.",
        overflowing: "Right, until exp overflows: logits may be large. Only their differences "
        "matter, so the largest can be subtracted first; torch's own softmax does that.",
        averaged_over_actions: "All zeros: that is the mean of the score over the policy's "
        "actions. For one action that was taken it is not zero.",
    },
    right=[by_autograd, by_loops, by_masks],
)
