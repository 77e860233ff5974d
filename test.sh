#!/bin/sh
# sh test.sh: every check and every test, the fast ones first. With arguments: pytest with them.
set -eu
cd "$(dirname "$0")"
. ./deploy/venv.sh
prepare_venv test requirements.txt requirements-dev.txt
export ILLDESK_MODE=test
# A desk's settings of the surrounding shell are not the tests' business.
unset DATABASE_URL REDIS_URL PORT

if [ $# -gt 0 ]; then
    exec .venv/bin/python -m pytest "$@"
fi

python() {
    .venv/bin/python "$@"
}

# stage NAME COMMAND...: says what runs and how long it took; the first that fails ends everything.
stage() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    began=$(date +%s)
    code=0
    "$@" || code=$?
    took=$(($(date +%s) - began))
    if [ "$code" -ne 0 ]; then
        printf '== %s failed after %s s\n' "$name" "$took" >&2
        exit "$code"
    fi
    printf '== %s: %s s\n' "$name" "$took"
}

on_sqlite() (
    unset TEST_DATABASE_URL
    "$@"
)

# Walks mostly wait for desks to hear of each other: those of the two stacks go side by side.
walks() {
    other=$(mktemp)
    python -m pytest -p no:randomly -m "walk or browser" -k "postgresql or outage" >"$other" 2>&1 &
    beside=$!
    code=0
    python -m pytest -p no:randomly -m "walk or browser" -k "not postgresql and not outage" || code=$?
    wait "$beside" || code=$?
    cat "$other"
    rm "$other"
    return "$code"
}

# Types take as long as all the other looks together, so they are looked at beside them.
types=$(mktemp)
trap 'rm -f "$types"' EXIT
on_sqlite python -m mypy >"$types" 2>&1 &
mypy=$!
typed() {
    code=0
    wait "$mypy" || code=$?
    cat "$types"
    return "$code"
}

stage "style" python -m ruff check .
stage "who imports whom" on_sqlite .venv/bin/lint-imports
stage "Django's checks" on_sqlite python manage.py check
stage "migrations complete" on_sqlite python manage.py makemigrations --check --dry-run
stage "templates compile" on_sqlite python -m tests.compile_templates
stage "translations complete" on_sqlite python manage.py check_translations
stage "types" typed
stage "tests on SQLite" on_sqlite python -m pytest -n 2 -m "not walk and not browser"
if [ -n "${TEST_DATABASE_URL:-}" ]; then
    # Three at once on two cores: half of the work is the server's, and some of them wait.
    stage "tests on PostgreSQL" python -m pytest -n 3 -m "not nodb and not walk and not browser"
else
    printf '\n== tests on PostgreSQL: left out, TEST_DATABASE_URL is not set\n'
fi
# pytest takes "nothing chosen" for a failure, so it is asked only when there is something.
if [ -n "$(find tests -name 'test_*.py' -exec grep -lE 'mark\.(walk|browser)' {} +)" ]; then
    stage "walks and browser" walks
fi
printf '\n== everything passed\n'
