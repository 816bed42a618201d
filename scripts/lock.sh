#!/bin/sh
# Resolves the dependencies anew: one resolution for development, and the parts of it that a user needs to run the
# package and to build it; and what makes it faster.
# Needs uv (pip install uv). The files carry hashes and no registry's address.
set -eu
cd "$(dirname "$0")/.."
compile="uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header"
$compile --group dev --extra postgresql pyproject.toml --output-file requirements/dev.lock
$compile pyproject.toml --constraint requirements/dev.lock --output-file requirements/run.lock
$compile --group build --constraint requirements/dev.lock --output-file requirements/build.lock
echo coincurve | $compile - --output-file requirements/fast.lock
