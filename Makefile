# The verbs of this project. A machine needs python3 (3.11 or newer, with venv) and make; PY=python3.12 chooses another.
PY    ?= python3
V     := .venv/bin
LOCAL := $(V)/python -m iop.local
# For what loads the settings and talks to no server.
ALONE := DEBUG=1 DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0
PRODUCTION := DEBUG=0 ALLOWED_HOSTS=clinic.example DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0

setup: .venv/.stamp  ## .venv and the packages, nothing else

.venv/.stamp: requirements.txt
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PY=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(V)/python -m pip --version >/dev/null 2>&1 || $(PY) -m venv --clear .venv
	$(V)/python -m pip install -q --disable-pip-version-check uv==0.13.9
	$(V)/uv pip sync -q --require-hashes requirements.txt --python $(V)/python
	touch $@

run: setup  ## web, worker, beat, mail sink and the demo clinic at PORT (8000) until Ctrl-C
	exec $(LOCAL) run

test: setup browser fonts  ## the whole suite, browser journeys included
	$(LOCAL) exec --throwaway -- $(V)/python -m pytest -n 2

journeys: setup browser fonts  ## the stories told in a real browser
	$(LOCAL) exec --throwaway -- $(V)/python -m pytest -m journey

browser: setup  ## Chromium for the journeys: installs it as root on Debian, else says what to install
	$(LOCAL) browser

fonts: setup
	test -e static/fonts/fonts.css || $(ALONE) $(V)/python manage.py build_fonts

check: setup  ## format, lint, types, import laws, templates, migrations, production settings; changes nothing
	$(V)/ruff format --check
	$(V)/ruff check
	$(ALONE) $(V)/mypy .
	$(V)/lint-imports
	$(V)/djlint --lint --quiet templates
	$(LOCAL) exec --throwaway -- $(V)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) CLINIC_CRISIS_TEXT=written SECRET_KEY=$$($(V)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		$(V)/python manage.py check --deploy --fail-level WARNING

bench: setup .venv/peers/.stamp  ## the benchmarks: one table and bench/results.json; make bench ONLY=autosave for one of them
	PYTHONPATH=.venv/peers $(LOCAL) exec --throwaway -- $(V)/python -m bench $(ONLY)

# What the benchmarks compare with, beside the product's packages and not among them.
.venv/peers/.stamp: bench/requirements.txt | setup
	$(V)/uv pip install -q --require-hashes -r $< --python $(V)/python --target .venv/peers
	touch $@

fix: setup  ## what a machine can repair
	$(V)/ruff check --fix
	$(V)/ruff format

LOCK := pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url
lock: setup  ## requirements.txt from requirements.in, and the benchmarks' own
	$(V)/uv $(LOCK) requirements.in -o requirements.txt
	$(V)/uv $(LOCK) bench/requirements.in -o bench/requirements.txt

.PHONY: setup run test journeys browser fonts check bench fix lock
