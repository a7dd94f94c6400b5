#!/bin/sh
# Makes .venv ready: `environment.sh run` with what evenhand needs to run, `environment.sh dev` with the tools too.
#
# Needs Python 3.11 or newer; asks nothing; does nothing when nothing changed (a stamp in .venv remembers what
# it was made from). An environment that is there and works is used in place. PYTHON=... chooses the
# interpreter of a new one. Only root on a machine with apt-get has missing system packages installed.
set -eu

kind=${1:-}
CDPATH='' cd -- "$(dirname -- "$0")/.."
place=$(pwd -P)
venv=.venv
python=$venv/bin/python

# What a person's own settings for Python and pip say about other installations is not meant for this one.
unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIRE_HASHES PIP_REQUIRE_VIRTUALENV
export PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

step() { echo "environment: $*"; }

give_up() { echo "environment: $*" >&2; exit 1; }

pins_of() {
    case $1 in
        run) echo requirements.txt ;;
        dev) echo requirements-dev.txt ;;
        *) give_up "expected run or dev, not '$1'" ;;
    esac
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

fingerprint() { # of the environment of kind $1 that .venv would be
    { echo "$1 $place"; "$python" -VV; cat "$(pins_of "$1")" pyproject.toml scripts/environment.sh; } | cksum
}

stamped() { # is .venv what the stamp $1 says?
    [ -f "$venv/.evenhand-$1" ] && [ "$(cat "$venv/.evenhand-$1")" = "$(fingerprint "$1")" ]
}

works() { # is there an environment that can be used in place? One that was copied here still points elsewhere.
    new_enough "$python" || return 1
    [ ! -f "$venv/.evenhand-place" ] || [ "$(cat "$venv/.evenhand-place")" = "$place" ]
}

can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

system_packages() { # installs Debian packages
    step "installing $* with apt-get"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } \
        >/dev/null </dev/null
}

interpreters() { # the names of those that are new enough, best first; PYTHON alone when it is given
    if [ -n "${PYTHON:-}" ]; then
        if new_enough "$PYTHON"; then echo "$PYTHON"; fi
    else
        for name in python3.13 python3.12 python3.11 python3 python; do
            if new_enough "$name"; then echo "$name"; fi
        done
    fi
}

create_with() { # a new environment by the interpreter $1 and the way $2
    case $2 in
        venv) "$1" -m venv --clear "$venv" ;;
        bare) "$1" -m venv --clear --without-pip "$venv" && installer ;;
        virtualenv) "$1" -m virtualenv --clear "$venv" ;;
        uv) uv venv --clear --python "$1" "$venv" ;;
    esac >/dev/null 2>&1 && new_enough "$python"
}

create() { # a new environment, by the first of the ways $* that some interpreter can go
    for way in "$@"; do
        while read -r name; do
            if create_with "$name" "$way" </dev/null; then
                step "made .venv with $("$python" -V)"
                return 0
            fi
        done <<END
$(interpreters)
END
    done
    return 1
}

installer() { # finds what installs into .venv: its own pip, that of another interpreter, or uv
    if "$python" -m pip --version >/dev/null 2>&1; then
        install() { "$python" -m pip install -qq "$@"; }
        return 0
    fi
    for outer in $(interpreters); do
        if "$outer" -m pip --python "$python" --version >/dev/null 2>&1; then
            install() { "$outer" -m pip --python "$python" install -qq "$@"; }
            return 0
        fi
    done
    command -v uv >/dev/null || return 1
    install() { uv pip install --quiet --python "$python" "$@"; }
}

has_postgresql() { # are the server's programs there? The tests start a server of their own with them.
    command -v initdb >/dev/null && return 0
    for program in /usr/lib/postgresql/*/bin/initdb; do
        if [ -x "$program" ]; then return 0; fi
    done
    return 1
}

pins=$(pins_of "$kind")

if [ "$kind" = dev ] && ! has_postgresql; then
    { can_apt && system_packages postgresql && has_postgresql; } ||
        step "PostgreSQL's server programs are missing: tests that need them will be skipped, or fail in CI"
fi
if works && { stamped "$kind" || stamped dev; }; then
    exit 0
fi
if command -v flock >/dev/null; then # two targets at once take turns
    exec 9<pyproject.toml
    flock 9
    if works && stamped "$kind"; then exit 0; fi
fi

if [ -e "$venv" ] && ! [ -w "$venv" ]; then
    give_up ".venv cannot be written by this user; remove it, or work in a clone of your own"
fi
if ! { works && installer; }; then # an interrupted one has no pip
    if [ -z "$(interpreters)" ] && [ -z "${PYTHON:-}" ] && can_apt; then
        system_packages python3 python3-venv || true
    fi
    if [ -z "$(interpreters)" ]; then
        give_up "${PYTHON:-evenhand} needs to be Python 3.11 or newer: install one, or name it with make PYTHON=/path/to/python3"
    fi
    create venv ||
        { can_apt && system_packages python3-venv && create venv; } ||
        create bare virtualenv uv || {
        rm -rf "$venv" # half an environment would be taken for a whole one next time
        give_up "this Python can make no environment; install its venv module (Debian: python3-venv), or pip, or uv"
    }
    echo "$place" >"$venv/.evenhand-place"
    installer
fi

step "installing $(grep -c == "$pins") pinned packages from $pins (a minute or two the first time)"
install --require-hashes --only-binary :all: -r "$pins"
step "installing evenhand itself"
install --no-deps --no-build-isolation -e .
step "compiling the kernels (about two minutes the first time)"
"$python" -m solver.assignment.warm
"$python" -m solver.unpaid_work.warm
fingerprint "$kind" >"$venv/.evenhand-$kind"
step "ready"
