# Everyday tasks: `uv run just`, or `just` where it is installed.

set shell := ["bash", "-euo", "pipefail", "-c"]

# List the tasks
default:
    @just --list

# Run the tests; arguments go to pytest
test *arguments:
    uv run pytest {{ arguments }}

# Tell 2,000 long stories of alignment, half of them on each core, 10,000 histories of folios and 3,000 of stays that
# follow each other, and deliver 50,000 messages over each channel; takes hours
nightly:
    HYPOTHESIS_PROFILE=nightly uv run pytest -n 2 tests/property/alignment tests/property/earning \
        tests/property/test_stitched_histories.py tests/acceptance/test_marathon.py tests/acceptance/test_totals.py

# Let coverage guide a fuzzer through one parser for a while, by its name in tests/campaigns/targets (Linux on x86-64)
fuzz parser seconds="120":
    uv run --group fuzz python -m tests.campaigns.guided "{{ parser }}" {{ seconds }}

# Check style and formatting
lint:
    uv run ruff check
    uv run ruff format --check

# Check types
types:
    uv run mypy

# Check that imports go one way
imports:
    uv run lint-imports --no-cache

# Mend style and formatting
fix:
    uv run ruff check --fix
    uv run ruff format

# Run the demo once, on a state of its own
demo:
    uv run loyalty-connector demo --once --state "$(mktemp -d)"

# Measure speed, the request limit, a scheme of a million members, freshness and starting, in one table; takes half an hour
benchmark *words="nightly benchmarks":
    uv run python -m tests.campaigns --at-once 1 {{ words }}

# Prove every promise: all campaigns and benchmarks in one table, quick (ten minutes) or nightly (hours), or those named
prove *words="quick":
    uv run python -m tests.campaigns {{ words }}

# Ask whether a locked package has a known vulnerability
audit:
    CI_AUDIT=required uv run python .ci/audit.py

# Build wheel and source archive, the same bytes for the same commit, with bill of materials and checksums, into dist/
release:
    rm -rf dist
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) uv build --out-dir dist
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) uv run python .ci/sbom.py dist/sbom.cdx.json
    cd dist && sha256sum *.whl *.tar.gz sbom.cdx.json > SHA256SUMS

# Everything that must pass before a change is merged
ci:
    .ci/run
