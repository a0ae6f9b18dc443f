# One locked path of set-up: a .venv made by any Python >= 3.11, filled from the hashed locks.
# A stamp in .venv carries the checksum of what was installed, so a second run starts in seconds and a
# changed lock installs again. requirements-dev.lock holds every pin of requirements.lock and more.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?=
VENV := .venv
IN := $(VENV)/bin/python
PIP := $(IN) -m pip --quiet --disable-pip-version-check --no-input
sum = $(shell cksum < $(1) | cut -d ' ' -f 1)
RUN := $(VENV)/.lock-run-$(call sum,requirements.lock)
DEV := $(VENV)/.lock-dev-$(call sum,requirements-dev.lock)
DESK := $(VENV)/.desk-$(call sum,pyproject.toml)
COMPILE = $(IN) -m uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --quiet --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

.PHONY: help run test lint fix check bench words lock drift screenshots suite browser ready-run ready-dev

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

run: ready-run ## start the app and print its address
	@exec $(IN) -m streamlit run app.py

test: browser ready-dev suite ## run every test
	@$(IN) -m pytest

lint: ready-dev ## check format, style, types and the direction of imports
	@$(IN) -m ruff format --check .
	@$(IN) -m ruff check .
	@$(IN) -m mypy
	@$(VENV)/bin/lint-imports

fix: ready-dev ## format the code and mend what can be mended
	@$(IN) -m ruff check --fix-only --quiet .
	@$(IN) -m ruff format .

check: lint test ## lint, then test

bench: ready-dev ## measure the speed promises
	@$(IN) -m benchmarks

words: ready-dev ## find what pages say, and mark in each language what is not translated yet
	@$(IN) -m runway_core.language

lock: ready-dev ## write both locks from pyproject.toml (UPGRADE=1 takes newer releases)
	@$(COMPILE) --group build pyproject.toml -o requirements.lock
	@$(COMPILE) --group build --group dev --extra cluster -c requirements.lock pyproject.toml -o requirements-dev.lock

drift: ready-run ## compare the catalogue with an OpenAPI file of Runway's API (SPEC=file)
	@$(IN) -m runway_core.catalog.drift $(if $(SPEC),"$(SPEC)")

screenshots: browser ready-dev ## take the pictures of README and docs from the running app
	@$(IN) docs/screenshots.py

# The tests of Runway's own client judge the sandbox. They are fetched as the lock pins them, and never committed.
JUDGE = sed -n '/^runwayml==/,/[^\\]$$/p' requirements-dev.lock
SUITE := $(VENV)/.suite-$(shell $(JUDGE) | cksum | cut -d ' ' -f 1)
FETCHED := $(VENV)/runwayml-suite

suite: ready-dev ## fetch the tests of Runway's own client
	@test -e $(SUITE) || { \
	  echo "Fetching the tests of Runway's own client"; \
	  rm -rf $(VENV)/.suite-* $(FETCHED); mkdir $(FETCHED); \
	  $(JUDGE) > $(FETCHED)/requirements.txt; \
	  $(PIP) download --no-deps --no-binary runwayml --require-hashes -r $(FETCHED)/requirements.txt -d $(FETCHED); \
	  tar -xzf $(FETCHED)/runwayml-*.tar.gz -C $(FETCHED) --strip-components 1; \
	  touch $(SUITE); }

# The browser tests are never skipped, so a missing browser is said before anything runs.
browser:
	@test -x "$${CHROMIUM:-}" || command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	|| command -v google-chrome >/dev/null || { \
	  echo 'The browser tests need Chromium. On Debian or Ubuntu: sudo apt install chromium fonts-noto-cjk'; \
	  echo 'Elsewhere: install Chromium or Chrome, then set CHROMIUM to the path of the program.'; \
	  exit 1; } >&2

# `import ensurepip` fails on Debian and Ubuntu when the python3-venv package is missing.
$(IN):
	@found=; for python in "$(PYTHON)" python3.13 python3.12 python3.11 python3; do \
	  if test -n "$$python" && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then found=$$python; break; fi; \
	done; \
	test -n "$$found" || { \
	  echo 'Runway Desk needs Python 3.11 or newer, and none was found.' \
	    'Install one, or name it: make run PYTHON=/path/to/python3' >&2; exit 1; }; \
	"$$found" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$$found can't make a virtual environment. On Debian or Ubuntu: sudo apt install python3-venv" >&2; \
	  exit 1; }; \
	echo "Making $(VENV) with $$found"; \
	rm -rf $(VENV); "$$found" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# $(1) is the lock, $(2) the stamps that say it is installed. The lock also holds what builds the editable install.
define ready
@test -e $(firstword $(2)) || { \
  echo 'Installing $(1); the first time takes a minute or two'; \
  rm -f $(VENV)/.lock-* $(VENV)/.desk-*; \
  $(PIP) install --require-hashes -r $(1); \
  touch $(2); }
@test -e $(DESK) || { \
  rm -f $(VENV)/.desk-*; \
  $(PIP) install --no-deps --no-build-isolation --no-index -e .; \
  touch $(DESK); }
endef

ready-run: | $(IN)
	$(call ready,requirements.lock,$(RUN))

ready-dev: | $(IN)
	$(call ready,requirements-dev.lock,$(DEV) $(RUN))
