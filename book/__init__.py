"""From source to page: chapters/NN-name.md is executed into its .ipynb, and both become a site.

``python -m book execute`` writes the notebooks, ``python -m book check`` says which of them are
out of step, and ``book.sphinx_ext`` shows their outputs on the site. Nothing here needs the
course's package or its models.
"""
