# Sourced by run.sh and test.sh: a .venv with exactly the packages of the given lists, made once.
# shellcheck shell=sh

# prepare_venv NAME LIST...: NAME is whose checksum is remembered (run or test).
prepare_venv() {
    stamp=.venv/installed-for-$1
    shift
    PYTHON=${PYTHON:-python3}
    if ! command -v "$PYTHON" >/dev/null 2>&1; then
        echo "ILL Desk needs Python 3.11 or newer and finds no $PYTHON. Install it, or name it: PYTHON=/path/to/python3 sh $0" >&2
        exit 1
    fi
    kind=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))') || {
        echo "ILL Desk needs Python 3.11 or newer; $PYTHON is ${kind:-not a Python that works}. Name another: PYTHON=python3.12 sh $0" >&2
        exit 1
    }
    wanted="$kind $(cat "$@" | cksum)"
    if [ -x .venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    made_with=$(.venv/bin/python -c 'import pip, sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || made_with=
    if [ "$made_with" != "$kind" ]; then
        if ! "$PYTHON" -c 'import venv, ensurepip' 2>/dev/null; then
            echo "$PYTHON cannot make virtual environments; on Debian and Ubuntu this helps: apt-get install python3-venv" >&2
            exit 1
        fi
        echo "Making .venv with Python $kind ..."
        rm -rf .venv
        "$PYTHON" -m venv .venv || exit 1
    fi
    echo "Installing the packages of $* (about a minute, once) ..."
    lists=
    for list in "$@"; do
        lists="$lists -r $list"
    done
    # shellcheck disable=SC2086 # file names of ours, without blanks
    if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check $lists; then
        echo "The packages could not be installed (see above). What is there is kept; run sh $0 again to go on." >&2
        exit 1
    fi
    echo "$wanted" >"$stamp"
}
