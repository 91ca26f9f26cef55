# Every target sets up what it needs first; nothing is installed, built or trained twice.
PYTHON ?= python3
VENV := .venv/bin
# More arguments for pytest or the bench: make test ARGS="-k handoff -x"
ARGS ?=
# Tests run in so many processes at once: make test JOBS=1
JOBS ?= 2
# Folder of public sets to measure answers on: make bench DATA=../sets
DATA ?=

# Rasa NLU files (or FOLDS=5 instead of TEST), STOCK=1 for stock DIET beside it: make nlu-bench TRAIN=a.yml TEST=b.yml
TRAIN ?=
TEST ?=
FOLDS ?=
STOCK ?=

.PHONY: help run serve stop setup train test test-long check bench nlu-bench lock clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## set up what is missing and run the demo until Ctrl-C (PORT=8080)
	@$(PYTHON) -m launch run

serve: ## the same for real use: no demo, settings and secrets from the environment or .env
	@$(PYTHON) -m launch serve

stop: ## stop what run or serve started
	@$(PYTHON) -m launch stop

setup: ## environments, encoder and trained Rasa, without starting anything
	@$(PYTHON) -m launch setup

train: ## train Rasa if its data changed
	@$(PYTHON) -m launch train

test: setup ## all tests but the long ones; needs no running product
	$(VENV)/python -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder -m "not long" $(ARGS)

test-long: setup ## the long tests
	$(VENV)/python -m pytest -m long $(ARGS)

check: ## lint, format, types, rules between folders, file lengths, articles
	@$(PYTHON) -m launch environments
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy .
	$(VENV)/lint-imports
	@git ls-files '*.py' '*.js' | grep -v -e '/vendor/' -e '/migrations/' | xargs wc -l | \
		awk '$$2 != "total" && $$1 >= 300 {print $$2 ": " $$1 " lines, 299 at most"; long = 1} END {exit long}'
	$(VENV)/python -m knowledge_base lint knowledge_base/articles

bench: setup ## measure answers, search and the road of a question (DATA=folder of public sets, ARGS="--only search")
	$(VENV)/python -m bench $(if $(DATA),--data $(DATA)) $(ARGS)

# stdout holds the JSON alone, so what setting up has to say goes to stderr.
nlu-bench: ## measure how well intents are told (TRAIN=file TEST=file or FOLDS=5, STOCK=1)
	@$(PYTHON) -m launch setup >&2
	@$(VENV)/python -m bench.nlu $(if $(TRAIN),--train "$(TRAIN)") $(if $(TEST),--test "$(TEST)") \
		$(if $(FOLDS),--folds $(FOLDS)) $(if $(filter-out 0,$(STOCK)),--stock) $(ARGS)

# pip's settings (find-links, extra indexes) are handed on, but none of them is written into the locks.
lock: ## resolve the requirements anew (needs the network)
	@$(PYTHON) -m launch lock

clean: ## remove environments, models and caches; conversations and articles in var/ stay
	rm -rf .venv .venv-rasa var/models var/tools .mypy_cache .ruff_cache .import_linter_cache .rasa
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
