"""MyST as plain Markdown: each directive and role, and an error for the rest."""

from __future__ import annotations

import pytest

from book.convert import convert
from book.errors import ConversionError
from tests.book.conftest import MakeBook

OTHER = "# Show: supervised finetuning\n\n$$\nc\n$$ (later)\n"
LABELS = """\
(here)=
# Ask: {term}`prompting`

$$
a = b
$$ (first)

```{math}
:label: second
c = d
```

```{figure} plot.png
:name: plot
:alt: A line that rises.

The *line*.
```
"""


@pytest.fixture
def plain(make_book: MakeBook):  # type: ignore[no-untyped-def]
    """Convert text as if it stood on the page 02-ask, whose labels are those above."""
    book = make_book({"02-ask": LABELS, "03-show": OTHER, "glossary": "# Words\n"})
    (book.project.chapters / "plot.png").write_bytes(b"")
    context = book.context(book.labels.pages["02-ask"])
    return lambda text: convert(text, context, 1)


@pytest.mark.parametrize("fence", ["```", ":::"])
@pytest.mark.parametrize(
    ("opening", "title"),
    [
        ("{note}", "Note"),
        ("{tip}", "Tip"),
        ("{warning}", "Warning"),
        ("{important}", "Important"),
        ("{seealso}", "See also"),
        ("{admonition} Mind the *gap*", "Mind the *gap*"),
        ("{dropdown} Why?", "Why?"),
    ],
)
def test_boxes_become_quotations(plain, fence, opening, title):  # type: ignore[no-untyped-def]
    text = f"{fence}{opening}\n:class: tip\n\nOne.\n\nTwo {{eq}}`first`.\n{fence}"
    assert plain(text) == f"> **{title}**\n>\n> One.\n>\n> Two (2.1)."


def test_boxes_may_nest_and_begin_on_the_line_of_their_name(plain) -> None:  # type: ignore[no-untyped-def]
    text = "````{note} First.\n```{tip}\nInner.\n```\n````\nAfter."
    assert plain(text) == "> **Note**\n>\n> First.\n> > **Tip**\n> >\n> > Inner.\n\nAfter."


def test_boxes_keep_their_place_in_lists_and_quotations(plain) -> None:  # type: ignore[no-untyped-def]
    assert plain("- one\n\n  ```{note}\n  Two.\n  ```") == "- one\n\n  > **Note**\n  >\n  > Two."
    assert plain("> :::{tip}\n> Two.\n> :::") == "> > **Tip**\n> >\n> > Two."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$$\na = b\n$$ (first)", "$$\na = b\n\\tag{2.1}\n$$"),
        ("```{math}\n:label: second\nc = d\n```", "$$\nc = d\n\\tag{2.2}\n$$"),
        ("```{math}\nc = d\n```", "$$\nc = d\n$$"),
        ("$$\na\n$$", "$$\na\n$$"),
        ("(here)=\n# Ask", "# Ask"),
        ("% a comment\ntext", "text"),
        (
            "```{figure} plot.png\n:name: plot\n:alt: A line.\n\nThe *line*.\n```",
            "![A line.](plot.png)\n\n**Figure 2.1:** The *line*.",
        ),
        ("```{image} plot.png\n:alt: A line.\n```", "![A line.](plot.png)"),
        ("```{code-block} python\nx = {1}\n```", "```python\nx = {1}\n```"),
    ],
)
def test_blocks(plain, text, expected) -> None:  # type: ignore[no-untyped-def]
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{eq}`first` and {eq}`later`", "(2.1) and (3.1)"),
        ("{ref}`here`", "Ask: prompting"),
        ("{ref}`this <here>`", "this"),
        ("{numref}`plot`", "Figure 2.1"),
        ("{numref}`plot %s <plot>`", "plot 2.1"),
        ("{doc}`03-show`", "[Show: supervised finetuning](03-show.ipynb)"),
        ("{doc}`the words <glossary>`", "the words"),
        ("{term}`policy`", "policy"),
        ("{term}`policies <policy>`", "policies"),
        ("{cite:t}`two`", "Adams and Müller (2020)"),
        ("{cite:p}`three`", "([Ng et al., 2021](https://arxiv.org/abs/2101.00001))"),
        (
            "{cite:p}`two,three`",
            "(Adams and Müller, 2020; [Ng et al., 2021](https://arxiv.org/abs/2101.00001))",
        ),
        ("{abbr}`KL (Kullback-Leibler)`", "KL (Kullback-Leibler)"),
        ("{abbr}`KL (Kullback-\nLeibler)`", "KL (Kullback- Leibler)"),
        ("{py:func}`~alignlib.sampling.sample`", "`sample`"),
        ("{math}`x^2`", "$x^2$"),
        ("{sub}`2`", "<sub>2</sub>"),
        ("{repository}`the code`", "[the code](https://github.com/someone/some-book)"),
        (
            "{repository}`tests <tests>`",
            "[tests](https://github.com/someone/some-book/blob/main/tests)",
        ),
        (
            "| {eq}`first` | b |\n|---|---|\n| c | {term}`d` |",
            "| (2.1) | b |\n|---|---|\n| c | d |",
        ),
    ],
)
def test_roles(plain, text, expected) -> None:  # type: ignore[no-untyped-def]
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[show](03-show.md)", "[show](03-show.ipynb)"),
        ("[`show` it](03-show.md#part)", "[`show` it](03-show.ipynb)"),
        ("[](03-show.md)", "[Show: supervised finetuning](03-show.ipynb)"),
        ("[*words*](glossary.md)", "*words*"),
        ("[](#here)", "Ask: prompting"),
        ("[out](https://example.org/a.md)", "[out](https://example.org/a.md)"),
        ("![alt](plot.png)", "![alt](plot.png)"),
    ],
)
def test_links(plain, text, expected) -> None:  # type: ignore[no-untyped-def]
    assert plain(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "```python\n{eq}`first`\n:::{note}\n```",
        "````md\n```{note}\ntext\n```\n````",
        "    {eq}`first`",
        "a `{x}` and ``{eq}`first` `` in code",
        r"\{eq} with $\{a\}$ and $\text{b}$",
        "<div class='x'>\n{eq}`first`\n</div>",
        "a lone ` tick and {braces}",
    ],
)
def test_code_is_not_touched(plain, text) -> None:  # type: ignore[no-untyped-def]
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a\n\n```{exotic}\nb\n```", 3, "directive {exotic}"),
        ("```{note}\n\nb\n\n:::{exotic}\n:::\n```", 5, "directive {exotic}"),
        (":::exotic\n:::", 1, "no plain Markdown form"),
        ("a\nb {exotic}`c`", 2, "role {exotic}"),
        ("{eq}`nowhere`", 1, "labelled 'nowhere'"),
        ("{eq}`here`", 1, "no equation"),
        ("{ref}`first`", 1, "refer to it with {eq}"),
        ("{cite:t}`nobody`", 1, "no entry 'nobody'"),
        ("[x](nowhere.md)", 1, "no page 'nowhere.md'"),
        ("[x]\n\n[x]: 03-show.md", 1, "in place"),
        ("text[^1]\n\n[^1]: note", 1, "footnotes"),
        ("text\n$$\nx\n$$ (first)", 4, "blank line before"),
        ("```{figure} plot.png\n```", 1, "no :alt:"),
        ("```{image} none.png\n:alt: x\n```", 1, "no file"),
        ("![](plot.png)", 1, "no alternative text"),
        ("<project:#here>", 1, "as a link with a text"),
        ("```{dropdown}\nx\n```", 1, "needs a title"),
        ("a\n\n+++\n\nb", 3, "no plain Markdown form"),
    ],
)
def test_what_would_be_shown_raw_is_an_error_with_its_place(plain, text, line, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConversionError, match=r"02-ask\.md") as caught:
        plain(text)
    assert caught.value.line == line
    assert message in str(caught.value)
