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

# Walks mostly wait for desks to hear of each other, so four groups go side by side, each with desks of its own; what
# each of them said follows when all are done.
walks() {
    folder=$(mktemp -d)
    group browser 1 -m browser
    group sqlite 2 -m walk -k "not postgresql and not outage and not test_crash"
    group postgresql 3 -m walk -k "postgresql and not test_crash"
    group crash 4 -m walk -k "outage or test_crash"
    wait
    code=0
    for said in "$folder"/*.said; do
        cat "$said"
        case $(cat "${said%.said}.code") in
            0 | 5) ;; # 5: nothing of this group was chosen
            *) code=1 ;;
        esac
    done
    rm -r "$folder"
    return "$code"
}

# group NAME NUMBER ARGUMENTS...: pytest with them in the background; NUMBER is of its database of Redis.
group() {
    name=$1 number=$2
    shift 2
    (
        if [ -n "${TEST_REDIS_URL:-}" ]; then
            export TEST_REDIS_URL="${TEST_REDIS_URL%/*}/$number"
        fi
        code=0
        python -m pytest -p no:randomly "$@" >"$folder/$name.said" 2>&1 || code=$?
        echo "$code" >"$folder/$name.code"
    ) &
}

stage "style" python -m ruff check .
stage "types" on_sqlite python -m mypy
stage "who imports whom" on_sqlite .venv/bin/lint-imports
stage "Django's checks" on_sqlite python manage.py check
stage "migrations complete" on_sqlite python manage.py makemigrations --check --dry-run
stage "templates compile" on_sqlite python -m tests.compile_templates
stage "translations complete" on_sqlite python manage.py check_translations
stage "tests on SQLite" on_sqlite python -m pytest -n 2 -m "not walk and not browser"
if [ -n "${TEST_DATABASE_URL:-}" ]; then
    # Three at once on two cores: half of the work is the server's, and some of them wait.
    stage "tests on PostgreSQL" python -m pytest -n 3 -m "not nodb and not walk and not browser"
else
    printf '\n== tests on PostgreSQL: left out, TEST_DATABASE_URL is not set\n'
fi
stage "walks and browser" walks
printf '\n== everything passed\n'
