# Learning Walks. Needs Python 3.11 or newer, pip and make; everything else is fetched by `make run` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help run test test-dates coverage faults attack bench check format seed migrations lock screenshots doctor sbom
.NOTPARALLEL:

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
endif
VENV := .venv/bin
COMPILE := $(VENV)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: python installed dev
python:
	@test -n "$(PYTHON)" || { echo "Learning Walks needs Python 3.11 or newer, and none was found. Name one with PYTHON=..." >&2; exit 1; }
installed: python
	@"$(PYTHON)" scripts/bootstrap.py
dev: python
	@"$(PYTHON)" scripts/bootstrap.py --dev

run: installed ## Run everything on http://127.0.0.1:8000 (HOST, PORT, DATA_DIR, ... change it)
	@DEMO_BY_DEFAULT=1 exec $(VENV)/python manage.py run

doctor: installed ## Say in plain words whether the installation is well
	@exec $(VENV)/python manage.py doctor

test: dev ## Run all tests: SQLite and PostgreSQL at the same time, a real broker, a real browser, some date
	@exec $(VENV)/python scripts/test.py

test-dates: dev ## Run the tests on a leap day, New Year's Eve, ... (DATES=2028-02-29T23:30 chooses one)
	@exec $(VENV)/python scripts/dates.py

coverage: dev ## The tests on SQLite once more, with the gate of coverage
	@COVERAGE=1 exec $(VENV)/python scripts/test.py

faults: dev ## Kill, stop, freeze and fill up whole installations, at full length
	@exec $(VENV)/python scripts/faults.py

check: dev ## Style, types, layers, migrations
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/djangofmt --check --quiet .
	$(VENV)/python scripts/format_static.py --check
	$(VENV)/mypy .
	$(VENV)/lint-imports
	$(VENV)/python manage.py check --fail-level WARNING
	$(VENV)/python manage.py makemigrations --check --dry-run

format: dev ## Put the code into its usual form
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .
	$(VENV)/djangofmt --quiet .
	$(VENV)/python scripts/format_static.py

seed: installed ## Load the demo school into an empty database
	$(VENV)/python manage.py migrate --verbosity 0
	DEMO=1 $(VENV)/python manage.py seed_demo

migrations: dev ## Write migrations for changed models
	$(VENV)/python manage.py makemigrations

lock: dev ## Choose new versions for requirements*.txt (UPGRADE=1 takes the newest)
	$(COMPILE) $(if $(UPGRADE),--upgrade) requirements.txt -o requirements.lock
	$(COMPILE) $(if $(UPGRADE),--upgrade) -c requirements.lock requirements-server.txt -o requirements-server.lock
	$(COMPILE) $(if $(UPGRADE),--upgrade) -c requirements-server.lock requirements-dev.txt -o requirements-dev.lock

bench: dev ## Measure the pages, a crowd, sweeps and photos (BENCH="--minutes 2 --scale" changes it)
	@exec $(VENV)/python -m bench $(BENCH)

sbom: dev ## List what the product is made of (CycloneDX, JSON) in sbom.json
	@exec $(VENV)/python scripts/sbom.py sbom.json

attack: dev ## The long form of the hostile tests: half an hour on a quiet machine
	@ATTACK=full exec $(VENV)/python scripts/test.py learningwalks/tests/security/test_photo_corpus.py learningwalks/tests/stories/test_random_walks.py \
		learningwalks/tests/security/test_sign_in_attacks.py learningwalks/tests/security/test_open_redirects.py \
		walks/tests/planning/test_all_good_times.py learningwalks/tests/browser/test_accessibility.py \
		learningwalks/tests/browser/test_story.py -o faulthandler_timeout=3600 --no-cov -s

screenshots: dev ## Make the pictures of the documentation
	$(VENV)/python scripts/screenshots.py
