#!/bin/sh
# The Debian packages Medspel runs and is tested with: installs them when it may,
# else prints the one line to run. Without the browsers, PostgreSQL, poppler and qpdf some tests are
# skipped, loudly; without pango and DejaVu no receipt is made.
set -eu
missing=
have() { dpkg -s "$1" >/dev/null 2>&1; }
for package in python3-venv postgresql-15 chromium-headless-shell firefox-esr \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1 fonts-dejavu-core \
    poppler-utils qpdf; do
    have "$package" || missing="$missing $package"
done
# Any Python 3.11 with venv, and any PostgreSQL 15 or Chromium in Debian's place, will do.
python3 -c 'import ensurepip, venv' 2>/dev/null && missing=$(echo "$missing" | sed 's/ python3-venv//')
[ -x /usr/lib/postgresql/15/bin/initdb ] && missing=$(echo "$missing" | sed 's/ postgresql-15//')
[ -x /usr/bin/chromium ] && missing=$(echo "$missing" | sed 's/ chromium-headless-shell//')
[ -x /usr/bin/firefox-esr ] && missing=$(echo "$missing" | sed 's/ firefox-esr//')
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
    apt-get update -q
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
else
    echo "Run this once, as root:  apt-get install -y$missing"
fi
