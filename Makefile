# Each target is a line or two that can be typed without make.
PYTHON = .venv/bin/python

.PHONY: help run test check bench format migration pictures papers sbom

help:  ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.venv/installed: requirements.txt requirements-dev.txt
	python3 -m venv .venv
	.venv/bin/pip install -q -r requirements.txt -r requirements-dev.txt
	touch $@

run: .venv/installed  ## the demonstration, on this computer only
	$(PYTHON) wsgi.py --demo

test: .venv/installed  ## every test
	$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/installed  ## lint, types, layers
	.venv/bin/ruff format --check lab_contingency tests benchmarks migrations wsgi.py
	.venv/bin/ruff check lab_contingency tests benchmarks migrations wsgi.py
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: .venv/installed  ## how near the program comes to its floors: ratios, no verdicts
	$(PYTHON) -m benchmarks

format: .venv/installed  ## put the layout of the code right
	.venv/bin/ruff format lab_contingency tests benchmarks migrations wsgi.py
	.venv/bin/ruff check --fix lab_contingency tests benchmarks migrations wsgi.py

migration: .venv/installed  ## the next step of the database, from the models: make migration NAME="what it does"
	rm -rf .migration && LAB_DATA=.migration .venv/bin/flask --app lab_contingency db upgrade
	LAB_DATA=.migration .venv/bin/flask --app lab_contingency db revision --autogenerate -m "$(NAME)"
	rm -rf .migration

pictures: .venv/installed  ## the pictures of the README, from the running demonstration
	$(PYTHON) docs/pictures/take.py

papers: .venv/installed  ## docs/paper.md, a picture of every paper
	$(PYTHON) docs/pictures/papers.py

sbom: .venv/installed  ## docs/sbom.json, the list of what is installed, from the pins
	$(PYTHON) docs/sbom.py
