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

tilflyt() {
    (cd "$home" && runuser -u tilflyt -- "$prefix/venv/bin/tilflyt" "$@")
}

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
tilflyt doctor
