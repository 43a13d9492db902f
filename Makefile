# The project's commands; `make` alone lists them. All of them build `.venv` first, and again only when the lock or
# pyproject.toml changed. Python >= 3.11 with its venv module is all that the machine needs.

VENV   := .venv
PY     := $(VENV)/bin/python
STAMP  := $(VENV)/.installed
FITS   := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-clients bench check check-fhir check-pdf lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s  %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## build .venv and all it needs

demo: $(STAMP) ## play the main job: a GP asks, a cardiologist answers
	@$(PY) -m confrere.story

test: $(STAMP) ## run the tests
	@$(PY) -m pytest -q

# Mail programs of Debian, and Dovecot as the one that knows better; what is missing is installed, which needs root.
CLIENTS := curl swaks libnet-ssleay-perl msmtp isync mutt fetchmail dovecot-imapd thunderbird xvfb xdotool tmux libnss3-tools
test-clients: $(STAMP) ## real mail programs against a gateway (Debian)
	@missing=$$(for one in $(CLIENTS); do dpkg -s "$$one" >/dev/null 2>&1 || echo "$$one"; done); \
	  if [ -n "$$missing" ] && { [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; }; then \
	    echo "Missing, and only root can install them, on Debian:" $$missing >&2; exit 2; \
	  elif [ -n "$$missing" ]; then \
	    echo "Installing with apt-get:" $$missing; export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1; \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  fi
	@$(PY) -m pytest -q -o "norecursedirs=.* __pycache__" tests/clients

bench: $(STAMP) ## measure, and print a table
	@$(PY) benchmarks/run.py

check: $(STAMP) ## ruff, mypy, import contracts, documentation tests
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-cache
	@$(PY) -m pytest -q tests/house

check-fhir: $(STAMP) ## our FHIR resources, judged by another project's validator (needs Node >= 20 and npm)
	@cd tests/fhir && npm ci --loglevel=error --no-fund --no-audit
	@found=$$(mktemp -d) && trap 'rm -rf "$$found"' EXIT && \
	  PYTHONPATH=. $(PY) tests/fhir/generate.py "$$found" && node tests/fhir/check.mjs "$$found"

# Two judges: Apache PDFBox Preflight (Debian: libpdfbox2-java libactivation-java libjaxb-api-java default-jre-headless)
# and pikepdf's validator, whose extra packages the project itself does not need.
JUDGES := tests/record_bridge/pdf/judges
check-pdf: $(STAMP) ## our letters, judged as PDF/A-1b by two other projects' validators (needs Java)
	@found=$$(mktemp -d) && trap 'rm -rf "$$found"' EXIT && $(PY) -m venv "$$found" && \
	  "$$found/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
	    -r $(JUDGES)/requirements.lock && \
	  PYTHONPATH=. $(PY) $(JUDGES)/run.py "$$found/bin/python"

lock: ## write requirements.lock again (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --quiet --upgrade requirements.in -o requirements.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --quiet --upgrade $(JUDGES)/requirements.in -o $(JUDGES)/requirements.lock

clean: ## remove .venv and the caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A candidate counts only if it runs: a version manager's shim may exist without its interpreter.
$(STAMP): requirements.lock pyproject.toml
	@$(PY) -c '$(FITS)' 2>/dev/null || { \
	  for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	    if "$$candidate" -c '$(FITS)' >/dev/null 2>&1; then chosen="$$candidate"; break; fi; \
	  done; \
	  if [ -z "$$chosen" ]; then \
	    echo "No Python >= 3.11 with the venv module was found. Install one, or say where: make setup PYTHON=/path/to/python3" >&2; \
	    exit 1; \
	  fi; \
	  echo "Building $(VENV) with $$("$$chosen" -V)"; \
	  rm -rf $(VENV) && "$$chosen" -m venv $(VENV); }
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@touch $@
