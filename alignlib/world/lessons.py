"""Lessons for a real model: questions that it can answer, and questions that nobody can.

They are there to teach a model by some 150 demonstrations when to say that it does not know. The
test is :func:`alignlib.world.questions.question_bank`, from which they keep apart: no text, no
country with the same kind of question, and no form of an unanswerable question stands in both.

Half of the lessons have an answer. Some of them look much like those that have none ("Who was the
first person ...?", "Which river will I see ...?"), or a model would learn to go by the first words;
``lessons.csv`` holds these, written by hand. Being taught what it does not know teaches a model to
make things up (Gekhman et al., 2024). So all of them, and the facts beside them, were chosen
because SmolLM2-135M-Instruct gave their answers without being taught: they can't measure what it
knows. For that reason there are no animals' sounds and young among them. Asked for 22 of each, it
gave none and two.

Left out: how sure the model is. What it can't answer, though somebody could, is no lesson here.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np

from alignlib.arguments import is_real, is_whole
from alignlib.errors import WorldError
from alignlib.world.facts import facts
from alignlib.world.phrasings import KINDS, fill
from alignlib.world.questions import Question, in_turns, once_each
from alignlib.world.voices import UNKNOWN, full_answer

SUBJECTS: dict[str, tuple[str, ...]] = {
    "capital": ("Russia", "Ethiopia", "Iran", "South Korea", "Ukraine", "Saudi Arabia", "Nepal",
                "Romania", "Chile", "Cambodia", "Austria", "New Zealand"),
    "currency": ("Russia", "Japan", "Vietnam", "Egypt", "Turkey", "South Korea", "Canada",
                 "Australia", "Greece", "Austria", "Finland", "New Zealand"),
    "language": ("Russia", "South Korea", "Saudi Arabia", "Australia", "Romania", "Chile",
                 "Ecuador", "Cambodia", "Cuba", "Hungary", "Croatia", "Uruguay"),
    "continent": ("Vietnam", "South Korea", "Spain", "Argentina", "Morocco", "Ghana", "Chile",
                  "Cambodia", "Finland", "Tanzania", "Bolivia", "Ireland"),
    "opposite": ("hot", "big", "up", "day", "wet", "fast", "hard", "full", "high", "long",
                 "happy", "early", "black", "north"),
}  # fmt: skip
"""Of which of TinyWorld's facts there are lessons."""

UNANSWERABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "private": {
        "What colour is my {}?": ("front door", "toothbrush", "winter coat"),
        "Where did I {}?": ("grow up", "spend last summer", "leave my umbrella"),
        "How old is my {}?": ("uncle", "piano teacher", "best friend"),
        "When did I {}?": ("learn to swim", "buy my bicycle", "last call my sister"),
        "Which {} do I like best?": ("song", "flavour of ice cream", "of my cousins"),
        "Can you tell me {}?": ("my shoe size", "my blood type", "the password of my computer"),
        "How much did I pay for my {}?": ("shoes", "last haircut", "train ticket"),
        "What does my {} do for a living?": ("aunt", "landlord", "brother-in-law"),
        "Who {}?": ("gave me this watch", "taught me to read", "sat next to me at school"),
        "How many {}?": ("hours did I sleep last night", "guests came to my wedding",
                         "steps did I walk yesterday"),
    },
    "future": {
        "Who will win {}?": ("the Olympic 100 metres in 2052", "the London Marathon in 2058",
                             "my next game of chess"),
        "What will {} cost in the year 2085?": ("a loaf of bread", "an ounce of gold",
                                                "a cinema ticket"),
        "Which {} will be the most popular in 2077?": ("song", "baby name", "dance"),
        "How many people will live in {} in the year 2190?": ("Tokyo", "Kenya", "Berlin"),
        "When will {}?": ("the next big earthquake strike Japan", "people first walk on Mars",
                          "the Leaning Tower of Pisa fall down"),
        "Will my {} tomorrow?": ("train be late", "sister call", "boss be in a good mood"),
        "Where will I {} in twenty years?": ("live", "work", "celebrate New Year's Eve"),
        "Who will be the first person to {}?": ("live for 150 years", "be born on the Moon",
                                                "run a marathon in 100 minutes"),
        "Which {} next Saturday?": ("numbers will win the lottery", "customer will call me first",
                                    "song will my radio play first"),
        "What will be the {}?": ("headline of my newspaper on 9 July 2066",
                                 "title of the best-selling book of 2081",
                                 "first word of my next grandchild"),
    },
    "nowhere": {
        "What is the currency of {}?": ("Quistonia", "Wembrolia", "the island of Tarvelsk"),
        "Which river flows through {}?": ("Ombleford", "Drunskhaven", "the town of Pelligrath"),
        "When did {} become independent?": ("Grelvania", "Yurblovia", "the republic of Morblund"),
        "How many people live in {}?": ("Zanquilsk", "the village of Snorburgh",
                                        "the kingdom of Ixtolvania"),
        "What is the tallest mountain in {}?": ("Morblund", "Wembrolia", "the land of Yurblovia"),
        "Who wrote the novel '{}'?": ("The Umbrella of Doctor Plimsky",
                                      "Nine Geese for Valdomir", "The Glass Herring of Ombra"),
        "What did Professor {} discover?": ("Ottokar Wimpelfink", "Zelda Grontmeyer",
                                            "Aldous Quimperdale"),
        "In which year was {} born?": ("the painter Mirella Fossgrund",
                                       "the poet Hannibal Trewisk", "the singer Odo Blenkwater"),
        "What does the word '{}' mean?": ("flimborate", "quandrosk", "snorvelish"),
        "Which team does the footballer {} play for?": ("Branko Ullistrad", "Timo Zwettelbrand",
                                                        "Ulf Grumsholt"),
    },
    "past": {
        "Which song did {} hum most often?": ("Archimedes", "Joan of Arc", "Attila the Hun"),
        "How many hairs grew on the head of {}?": ("Isaac Newton", "Marco Polo", "Nefertiti"),
        "What was the first word that {} said as a baby?": ("Cleopatra", "Genghis Khan", "Plato"),
        "At what time of day was {} born?": ("Confucius", "Pythagoras", "Hannibal"),
        "Who was the first person who ever {}?": ("baked bread", "climbed a tree", "told a joke"),
        "What was the last {}?": ("scroll to burn in the Library of Alexandria",
                                  "meal of the last dinosaur", "joke told on board the Titanic"),
        "On which day of the week was {}?": ("the wheel invented", "the first boat built",
                                             "the first song sung"),
        "How many pairs of shoes did {} own?": ("Charlemagne", "Galileo", "William the Conqueror"),
        "In which village was {} born?": ("the inventor of the wheel", "the first potter",
                                          "the grandmother of Plato"),
        "How tall was the {}?": ("shepherd who first made cheese",
                                 "woman who wove the first carpet",
                                 "man who laid the first stone of Stonehenge"),
    },
    "uncounted": {
        "How many grains of sand are on {}?": ("Bondi Beach", "Copacabana Beach", "Waikiki Beach"),
        "How many leaves are on {}?": ("the tallest oak in England", "the trees in Central Park",
                                       "the oldest chestnut tree in Italy"),
        "What is the exact weight of {}?": ("Mount Fuji", "the Great Wall of China",
                                            "all the elephants in Africa"),
        "How many times have people {} since 1900?": ("sneezed in Portugal", "laughed in Madrid",
                                                      "yawned in Canada"),
        "How many ants live {}?": ("in Italy", "under the Eiffel Tower", "on Madagascar"),
        "Which {} in the world is the happiest at this moment?": ("cat", "child", "farmer"),
        "How many words were {} yesterday?": ("shouted in Brazil", "whispered in Iceland",
                                              "typed in Sweden"),
        "How many fish are swimming in {} now?": ("Lake Victoria", "the Danube", "the Baltic Sea"),
        "How long is the longest {} in Norway?": ("shoelace", "earthworm", "cat's tail"),
        "Who in Germany has the {}?": ("most freckles", "most socks", "quietest cat"),
    },
    "hidden": {
        "In which hand am I hiding {}?": ("the pebble", "the key", "a sweet"),
        "What is on the {} in front of me?": ("desk", "plate", "screen"),
        "What is written on {}?": ("the note in my drawer", "the first page of my diary",
                                   "the back of this envelope"),
        "I have chosen a {}. Which one is it?": ("number below a thousand", "page of my book",
                                                 "letter of the alphabet"),
        "Who is {}?": ("knocking at my door", "standing behind me",
                       "sitting in the room above mine"),
        "What is in {}?": ("the parcel on my doorstep", "the locked box under my bed",
                           "the left drawer of my desk"),
        "Where is {} now?": ("my other sock", "my suitcase", "the pen that I lost on the train"),
        "Do you know what the person next to me is {}?": ("reading", "listening to", "wearing"),
        "Do you know what time {} shows?": ("my watch", "my kitchen clock", "the clock in my car"),
        "What colour are the {}?": ("socks that I am wearing", "curtains behind me",
                                    "eyes of the stranger outside my window"),
    },
}  # fmt: skip
"""What nobody can answer: families of forms, each with what is put into it."""


def lessons(n: int = 150, seed: int = 0, unanswerable: float = 0.5) -> list[Question]:
    """Draw questions to teach from: no fact and no text twice, in mixed order.

    Those with an answer are spread evenly over their kinds (``capital``, ``number``, ``mine``,
    ...), those without over the families of :data:`UNANSWERABLE` and their forms. With the same
    seed and share, fewer lessons are the first of more.

    Args:
        n: how many.
        seed: of the draw.
        unanswerable: the share of them that nobody can answer; their number is rounded down.

    Raises:
        WorldError: if there are too few of a sort, ``n`` or ``seed`` is no whole number of 0 or
            more, or ``unanswerable`` is no number from 0 to 1.
    """
    if not is_whole(n, 0) or not is_whole(seed, 0):
        raise WorldError(f"n is {n!r}, seed {seed!r}: give whole numbers, 0 or more.")
    if not is_real(unanswerable) or not 0.0 <= unanswerable <= 1.0:
        raise WorldError(f"unanswerable is {unanswerable!r}: give a share from 0 to 1.")
    generator = np.random.default_rng(seed)
    known = in_turns(once_each((*_of_facts(), *_by_hand()), generator), lambda q: q.kind)
    forms = _without_answer()
    open_ = in_turns(once_each(tuple(forms), generator), lambda q: forms[q])
    open_ = in_turns(open_, lambda q: forms[q][0])
    ends = [int(round(unanswerable * i, 9)) for i in range(n + 1)]  # 0.29 * 100 is 28.99...
    if ends[n] > len(open_) or n - ends[n] > len(known):
        raise WorldError(
            f"There are {len(known)} lessons with an answer and {len(open_)} without one, not "
            f"{n - ends[n]} and {ends[n]}: ask for no more than that."
        )
    queues = (iter(known), iter(open_))
    return [next(queues[ends[i + 1] - ends[i]]) for i in range(n)]


def lesson_answer(question: Question) -> str:
    """The answer that a lesson demonstrates: a short sentence, or "I do not know."

    Raises:
        WorldError: if the question is no lesson.
    """
    if question.answer is None:
        return UNKNOWN[0]
    if question in _by_hand():
        return _by_hand()[question]
    if question.kind not in SUBJECTS or question.subject is None:
        raise WorldError(f"{question.text!r} is no lesson: give one of lessons().")
    if question.kind == "continent":  # better English than "The continent of Chile is ..."
        return fill(KINDS["continent"].statements[1], question.subject, question.answer)
    return full_answer(question, question.answer)


@cache
def _of_facts() -> tuple[Question, ...]:
    """The facts of :data:`SUBJECTS`, in all wordings that are plain questions."""
    return tuple(
        Question(fill(wording, fact.subject), fact.kind, fact.answer, fact.subject, myth=fact.myth)
        for fact in facts()
        if fact.subject in SUBJECTS.get(fact.kind, ())
        for wording in (*KINDS[fact.kind].questions, *KINDS[fact.kind].held_out)
        if wording.startswith(("What ", "Which ", "On "))
    )


@cache
def _by_hand() -> dict[Question, str]:
    """The questions of ``lessons.csv``, each with the sentence that answers it."""
    table = (files("alignlib.world") / "lessons.csv").read_text(encoding="utf-8")
    return {
        Question(row["question"], row["kind"], row["answer"]): row["sentence"]
        for row in csv.DictReader(table.splitlines())
    }


@cache
def _without_answer() -> dict[Question, tuple[str, str]]:
    """The questions of :data:`UNANSWERABLE`, each with its family and form."""
    return {
        Question(form.format(filler), "unanswerable", None): (family, form)
        for family, forms in UNANSWERABLE.items()
        for form, fillers in forms.items()
        for filler in fillers
    }
