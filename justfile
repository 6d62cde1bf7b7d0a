# Short names for what CONTRIBUTING.md describes; `just` is never needed.

# All that CI runs
check:
    .ci/run

# All tests, or those named: `just test tests/unit -k order`
test *arguments:
    scripts/test {{arguments}}

# What needs neither root nor an engine
quick *arguments:
    scripts/test -m "not engine and not slow" {{arguments}}

# The scenarios on one engine version: `just scenarios 26.1`
scenarios engine:
    scripts/test tests/scenarios -k {{engine}}

# How fast it is beside others, for an hour or two: `just benchmark --sizes 1,50 --rounds 1 --output /tmp/results.json`
benchmark *arguments:
    scripts/benchmark {{arguments}}

# Write schemas and reference pages anew
generate:
    .venv/bin/python -m tools.generate

# Rewrite the expected plans of tests/cases
cases-update:
    DOCKERDECL_UPDATE_CASES=1 .venv/bin/python -m pytest tests/unit/planning tests/unit/cli/test_rendering.py

# Make the code look as CI wants it
format:
    .venv/bin/ruff format .
    .venv/bin/ruff check --fix .
