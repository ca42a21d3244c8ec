# shellcheck shell=bash
# What the scripts share: where things are, and how what is missing is installed.
# Sourced by bash with `set -euo pipefail`; it only defines functions and variables.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv="$root/.build-venv"
tools="$root/.build-tools"

# Ends the script with a sentence that says why.
die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "'$*' needs root and there is no sudo; run it as root, then run this again."
  fi
}

# apt-get; updates its package lists where they are missing or too old.
apt() {
  have apt-get || die "There is no apt-get here; install $* with your system's package manager."
  local quietly=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y)
  echo "Installing: $*"
  as_root "${quietly[@]}" install --no-install-recommends "$@" >/dev/null 2>&1 && return
  as_root "${quietly[@]}" update
  as_root "${quietly[@]}" install --no-install-recommends "$@" >/dev/null
}

# The toolchain is not a Debian package; everything that it needs is.
require_swift() {
  local missing=()
  have git || missing+=(git)
  have ld || missing+=(binutils)
  # Swift's C importer reads the headers of libc and libstdc++, which come with the compiler.
  compgen -G '/usr/include/c++/*/vector' >/dev/null || missing+=(g++)
  [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
  [ -e /usr/include/yaml.h ] || missing+=(libyaml-dev)
  [ -e /usr/include/openssl/ssl.h ] || missing+=(libssl-dev)
  [ -e /usr/include/re2/re2.h ] || missing+=(libre2-dev)
  [ -e /usr/include/crypt.h ] || missing+=(libcrypt-dev)
  compgen -G '/usr/include/*/curl/curl.h' >/dev/null || [ -e /usr/include/curl/curl.h ] ||
    missing+=(libcurl4-openssl-dev)
  [ -e /usr/include/nats/nats.h ] || missing+=(libnats-dev)
  [ ${#missing[@]} -eq 0 ] || apt "${missing[@]}"
  have swift || die "There is no Swift here; install the toolchain, 6.2 or newer, as" \
    "https://www.swift.org/install/linux describes, and put it on the PATH."
  swift build --version >/dev/null 2>&1 ||
    apt libcurl4-openssl-dev libedit-dev libncurses-dev libsqlite3-dev libxml2-dev tzdata
  swift build --version >/dev/null ||
    die "'swift build' does not start; see its output above."
}

# The NATS server that tests start, from PyPI.
require_nats() {
  python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || apt python3-venv
  have openssl || apt openssl
  require_packages "$root/scripts/lib/nats/requirements.txt" "$root/.build-nats"
  # Without the interpreter that is beside it.
  mkdir -p "$tools/bin"
  ln -sf "$root/.build-nats/bin/nats-server" "$tools/bin/nats-server"
  export PATH="$tools/bin:$PATH"
  nats-server --version >/dev/null || die "nats-server does not start; see its output above."
}

# The programs that the system tests run beside the server.
require_test_programs() {
  local missing=()
  have curl || missing+=(curl)
  have openssl || missing+=(openssl)
  have ss || missing+=(iproute2)
  have python3 || missing+=(python3)
  have nc || missing+=(netcat-openbsd)
  have tmux || missing+=(tmux)
  have man || missing+=(man-db)
  have groff || missing+=(groff)
  have zsh || missing+=(zsh)
  have fish || missing+=(fish)
  have tcpdump || missing+=(tcpdump)
  have setpriv || missing+=(util-linux)
  have systemd-socket-activate || missing+=(systemd)
  have node || missing+=(nodejs)
  # Node's own packages contain npm; Debian's does not.
  have npm || missing+=(npm)
  have tsc || missing+=(node-typescript)
  python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || missing+=(python3-venv)
  [ ${#missing[@]} -eq 0 ] || apt "${missing[@]}"
  require_prometheus
  require_clients
}

# Debian's Prometheus, unpacked and not installed, because its package starts a server on port 9090, now
# and at every boot.
require_prometheus() {
  local pages=usr/share/prometheus/web
  export PATH="$tools/usr/bin:$PATH"
  if ! have prometheus || ! have promtool; then
    have apt-get || die "There is no apt-get here; install prometheus and promtool yourself."
    unpack prometheus
    have promtool || die "Debian's prometheus package brought no promtool; install it yourself."
  fi
  # It looks for its pages at this place only.
  if [ -d "$tools/$pages" ] && [ ! -e "/$pages" ]; then
    as_root mkdir -p "/$pages"
    as_root cp -r "$tools/$pages/." "/$pages/"
  fi
}

# What scripts/soak cluster runs beside NATS: network namespaces, Prometheus, and a compiler for a small library.
require_cluster_programs() {
  { have ip && have bridge; } || apt iproute2
  have setpriv || apt util-linux
  require_cc
  require_prometheus
}

require_cc() {
  have cc || apt gcc libc6-dev
}

# Debian's netdata, for the same reason. The libraries that it needs start nothing.
require_netdata() {
  local netdata="$tools/usr/sbin/netdata"
  have apt-get || die "There is no apt-get here, and netdata is measured as Debian packs it."
  [ -x "$netdata" ] || unpack netdata-core
  if ldd "$netdata" | grep -q 'not found'; then
    apt libcap2 libjson-c5 liblz4-1 libmnl0 libnetfilter-acct1 libssl3 libuuid1 libuv1 zlib1g
  fi
  "$netdata" -v >/dev/null || die "Debian's netdata does not start; see its output above."
}

# Downloads a Debian package and unpacks it into $tools.
unpack() {
  local name=$1 package
  echo "Unpacking: $name"
  mkdir -p "$tools"
  if ! (cd "$tools" && apt-get -qq download "$name") >/dev/null 2>&1; then
    as_root apt-get -qq update
    (cd "$tools" && apt-get -qq download "$name")
  fi
  for package in "$tools/$name"_*.deb; do
    dpkg-deb --extract "$package" "$tools"
    rm -f "$package"
  done
}

# StatsD clients, a type checker and moto from PyPI, in the versions that the tests were written against.
require_clients() {
  require_packages "$root/Tests/SystemTests/Clients/requirements.txt" "$venv"
}

# require_packages REQUIREMENTS FOLDER: a virtual environment with these packages from PyPI, and no others.
require_packages() {
  local wanted=$1 folder=$2
  if cmp -s "$wanted" "$folder/requirements.txt"; then return; fi
  echo "Installing from PyPI: $(grep -c '==' "$wanted") packages into $(basename "$folder")"
  python3 -m venv --clear "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
    --no-deps --requirement "$wanted"
  cp "$wanted" "$folder/requirements.txt"
}

# What the checks of docs/prometheus, the dashboards and docs/deploy run: Debian's Prometheus and
# Alertmanager, unpacked, and packages from PyPI.
require_setup_programs() {
  local templates=usr/share/prometheus/alertmanager
  have openssl || apt openssl
  python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || apt python3-venv
  require_prometheus
  if ! have prometheus-alertmanager || ! have amtool; then unpack prometheus-alertmanager; fi
  # It looks for its templates at this place only, and does not start without them.
  if [ ! -e "/$templates/default.tmpl" ]; then
    as_root mkdir -p "/$templates"
    as_root cp "$tools/$templates"/*.tmpl "/$templates/"
  fi
  require_packages "$root/scripts/lib/setup/requirements.txt" "$root/.build-setup"
}

# Debian's Chromium, a font for it, and what drives it from Python.
require_browser() {
  local missing=()
  have chromium || missing+=(chromium)
  [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing+=(fonts-dejavu-core)
  [ ${#missing[@]} -eq 0 ] || apt "${missing[@]}"
  python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || apt python3-venv
  require_packages "$root/scripts/lib/page/requirements.txt" "$root/.build-page/venv"
}

# setup_python MODULE [ARGUMENT…]: runs a module of scripts/lib with these packages.
setup_python() {
  PYTHONPATH="$root/scripts/lib" PYTHONDONTWRITEBYTECODE=1 "$root/.build-setup/bin/python" -m "$@"
}
