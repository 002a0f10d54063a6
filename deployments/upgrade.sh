#!/bin/sh
# From one version to the next: run as root in the new version's checkout, with the folder that backups go into.
#
#     deployments/upgrade.sh /srv/backups
#
# Everything stops, so that no process of the old version meets the new schema. What fails ends it there: before the
# new version is in, `systemctl start tilflyt.target` goes on with the old one; after it, put the backup back first.
set -eu

backups=${1:?the folder that backups go into}
prefix=${PREFIX:-/opt/tilflyt}
home=${TILFLYT_HOME:-/var/lib/tilflyt}
# It is ours alone, and no setting of the program.
unset TILFLYT_HOME

tilflyt() {
    (cd "$home" && runuser -u tilflyt -- "$prefix/venv/bin/tilflyt" "$@")
}

# The Python and the extra that it was installed with, unless others are named: `make install` reads both from here, and
# takes out what it is not told of.
: "${PYTHON:=$(readlink -e "$prefix/venv/bin/python" || true)}"
: "${EXTRAS=$(find "$prefix/venv/lib" -maxdepth 3 -name prefect_redis 2>/dev/null | sed 's/.*/redis/;q')}"
export PYTHON EXTRAS

systemctl stop tilflyt.target tilflyt-serve.service tilflyt-worker.service tilflyt-prefect.service
tilflyt backup "$backups/$(date -u +%Y%m%dT%H%M%SZ)"
make install PREFIX="$prefix"
tilflyt migrate
systemctl daemon-reload
# The worker registers its schedules at the Prefect server; links are opened when both are there.
systemctl start tilflyt-prefect.service
systemctl start tilflyt-worker.service
systemctl start tilflyt-serve.service
systemctl start tilflyt.target
# The three have begun, and answer some seconds later.
tilflyt doctor || { sleep 20; tilflyt doctor; }
