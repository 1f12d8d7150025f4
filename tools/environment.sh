# Sourced by the scripts beside it, from the project's root: the virtual environment of a checkout.

# Make .venv when it is missing, and install again when pyproject.toml has changed.
prepare_environment() {
    stamp=.venv/installed-for
    wanted=$(cksum <pyproject.toml)
    if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    python=$(find_python) || return 1
    [ -x .venv/bin/python ] || "$python" -m venv .venv || {
        echo "python3 cannot make a virtual environment (Debian: apt install python3-venv)" >&2
        return 1
    }
    echo "preparing .venv (once, and when pyproject.toml changes)" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' >&2
    printf '%s\n' "$wanted" >"$stamp"
}

# Make .venv-peers when it is missing: tools to compare with, whose libraries ours do not go with.
prepare_peers() {
    [ -x .venv-peers/bin/sslyze ] && return 0
    python=$(find_python) || return 1
    [ -x .venv-peers/bin/python ] || "$python" -m venv .venv-peers || return 1
    echo "preparing .venv-peers (once): sslyze" >&2
    .venv-peers/bin/python -m pip install --quiet --disable-pip-version-check 'sslyze>=6.1' >&2 ||
        echo "sslyze could not be installed (tests that need it skip)" >&2
}

# Print the first Python that is new enough.
find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    echo "Python 3.11 or newer is needed" >&2
    return 1
}
