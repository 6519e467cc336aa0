.PHONY: demo test faults fuzz test-office run bundle wheel bench oracles check screenshots clean

python := .venv/bin/python
# What tests start finds the code compiled, whatever the shell says.
offscreen := QT_QPA_PLATFORM=offscreen PYTHONDONTWRITEBYTECODE=

# The main job: eleven districts, their returns, the merge, the indicators, the printed summary.
demo:
	@.ci/bootstrap
	@$(offscreen) $(python) -m desktop demo build/demo

test:
	@.ci/bootstrap
	$(offscreen) $(python) -m pytest -q -n auto --dist worksteal

# Questionnaires and formulas in LibreOffice, which is installed where it is missing.
test-office:
	@.ci/bootstrap office
	$(offscreen) $(python) -m pytest -q -o addopts="" tests/office

# The window.
run:
	@.ci/bootstrap window
	@$(python) -m desktop

# Style, types, and which module may know which.
check:
	@.ci/bootstrap
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# Ratios against a floor measured in the same run.
bench:
	@.ci/bootstrap
	@$(offscreen) $(python) -m pytest -q -s -o addopts="" tests/benchmarks

# Work killed at some thousand random moments, signed returns tampered with as often: nothing may be lost, nothing
# missed. TRIES=200 make faults is shorter.
faults:
	@.ci/bootstrap
	@TRIES=$${TRIES:-1050} $(offscreen) $(python) -m pytest -q -o addopts="" tests/faults

# Files and command lines that nobody would write, SECONDS of them for each reader.
fuzz:
	@.ci/bootstrap
	@SECONDS=$${SECONDS:-60} $(offscreen) $(python) -m pytest -q -o addopts="" tests/fuzz

# What outside programs answer to the same questions, each installed in an environment of its own.
oracles:
	@.ci/bootstrap java
	@$(MAKE) -s $(foreach one,banff vtl spark gconfid,build/oracles/$(one)/.installed)
	@$(offscreen) $(python) -m pytest -q -s -o addopts="" tests/oracles

build/oracles/%/.installed: tests/oracles/%.txt
	@echo "Installing $* into build/oracles/$*"
	@$(python) -m venv $(@D)
	@$(@D)/bin/python -m pip install -q --disable-pip-version-check -r $<
	@touch $@

# A folder with the program and all it needs, and a Debian package of it, each tried where nothing else is. The same
# commit gives the same files.
bundle: export SOURCE_DATE_EPOCH := $(shell git log -1 --format=%ct)
bundle: export PYTHONHASHSEED := 0
bundle:
	@.ci/bootstrap bundle
	@$(python) -m PyInstaller --clean --noconfirm --log-level WARN build.spec
	@.ci/try-bundle dist/census-desk
	@.ci/try-package "$$(PYTHONPATH=.ci $(python) -m delivery.debian dist/census-desk dist)"

# For where Python and Qt's libraries are there already.
wheel:
	@.ci/bootstrap window
	@rm -f dist/*.whl
	@$(python) -m pip wheel -q --disable-pip-version-check --no-deps -w dist .
	@.ci/try-wheel dist/*.whl

# The pictures of the README, made by the program.
screenshots:
	@.ci/bootstrap
	@$(offscreen) $(python) tests/screenshots.py build/screenshots
	@for picture in assets/manual/*.png; do cp "build/screenshots/$${picture##*/}" assets/manual/; done

clean:
	rm -rf build dist
