#!/bin/sh
# Says plainly which tool is missing or too old, and how to get it. Usage: check_tools.sh [python]
python=${1:-python3}
missing=0

complain() {
    printf 'Missing: %s\n  %s\n' "$1" "$2" >&2
    missing=1
}

if ! command -v "$python" >/dev/null 2>&1; then
    complain "Python 3.11 or newer ($python)" \
        "Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python; then run make again."
elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    complain "Python 3.11 or newer ($python is $("$python" --version 2>&1))" \
        "Install a newer one and name it: make PYTHON=python3.12 …"
elif ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    complain "the venv module of Python" "Debian and Ubuntu: apt-get install python3-venv"
fi

if ! command -v node >/dev/null 2>&1; then
    complain "Node.js 18 or newer (node)" \
        "Debian and Ubuntu: apt-get install nodejs npm; macOS: brew install node. The local chain runs on it."
elif ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' 2>/dev/null; then
    complain "Node.js 18 or newer (node is $(node --version 2>&1))" "Install a newer one."
elif ! command -v npm >/dev/null 2>&1; then
    complain "npm" "Debian and Ubuntu: apt-get install npm"
fi

exit $missing
