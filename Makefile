# The one list of commands, the same by hand, in hooks and in CI. Explained in CONTRIBUTING.md.
#   make run          a cat in your tray          make test         everything that proves it works
#   make check        the same as make test       make acceptance   the long runs
PYTHON ?=
DESKTOP ?= 1
BIN := .venv/bin
TESTS ?=
QUESTIONS ?= tests/evaluation/mini.jsonl

.PHONY: ready run test check lint unit desktop environment packages acceptance gpu bench mini evaluate screenshots translations format clean

run:
	@sh packaging/bootstrap.sh run "$(PYTHON)"
	@$(BIN)/python packaging/launch.py

test: environment packages lint unit desktop

check: test

environment:
	@sh packaging/bootstrap.sh test "$(PYTHON)"

# For what does not prepare .venv itself: a look that costs nothing instead of "No such file or directory".
ready:
	@grep -q '^test ' .venv/nyanko-installed 2>/dev/null || { echo "The environment is not complete; run first: make environment" >&2; exit 1; }

# Before the first test: even a window that is never shown needs some of these libraries.
packages:
ifneq ($(DESKTOP),0)
	@sh packaging/desktop_packages.sh
else
	@$(BIN)/python packaging/launch.py --check
endif

lint: ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: ready
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m "not acceptance and not desktop" $(TESTS)

desktop: packages
ifeq ($(DESKTOP),0)
	@echo "make test: DESKTOP=0, the desktop stage (tray, hotkey, input method, notifications) was skipped"
else
	bash tests/desktop/stage.sh
endif

acceptance: environment packages
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m "acceptance and not desktop" --timeout 3600 -s $(TESTS)
	bash tests/desktop/stage.sh acceptance

gpu: ready
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m gpu -s tests/gpu

bench: ready
	bash tests/benchmarks/run.sh

mini: ready
	$(BIN)/python -m inference_worker.mini.train

screenshots:
	bash tests/desktop/screenshots.sh docs/screenshots

evaluate: ready
	$(BIN)/python tests/evaluation/score.py --questions $(QUESTIONS)

translations:
	$(BIN)/pybabel -q extract --omit-header --no-wrap --add-location=file --sort-by-file -k tr -o resources/translations/nyanko.pot nyanko_desktop ui
	$(BIN)/pybabel -q update --init-missing --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -D nyanko -l zh_CN -i resources/translations/nyanko.pot -d resources/translations
	$(BIN)/pybabel -q compile -D nyanko -d resources/translations

format:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache artefacts
