#!/bin/sh
# Write the hashed lock files again from pyproject.toml. They hold no address, so any index may serve the packages.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet 'uv~=0.13.9'
compile() { .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 "$@"; }
compile --group pyproject.toml:setup -o requirements/setup.txt
compile pyproject.toml -o requirements/base.txt
compile pyproject.toml --group build -o requirements/build.txt
compile pyproject.toml --group dev -o requirements/dev.txt
