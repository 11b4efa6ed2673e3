# `pip install -r requirements-dev.txt` brings `just`. `just` alone lists these.

_default:
    @just --list --unsorted

# Open the app
app *arguments:
    streamlit run app.py {{arguments}}

# The default tests, or what is named: just test tests/core/verdict, just test -m slow
test *arguments:
    pytest {{arguments}}

# What must be clean before a change is done
lint:
    ruff check .
    ruff format --check .
    mypy

# The default tests with the share of core and store that they reach
coverage *arguments:
    pytest --cov --cov-report=term {{arguments}}

# Ratios against a peer in the same run
bench *arguments:
    pytest -m benchmark -s {{arguments}}
