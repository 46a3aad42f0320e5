#!/usr/bin/env bash
# Makes sure that what Countersign needs is there, and installs what is missing.
#
#   setup.sh            to run in the terminal: Go, nothing else
#   setup.sh window     to build the window: also Node, npm, and on Linux GTK and WebKit
#   setup.sh test       to run every test: also a private display, session bus and keyring, a browser
#                       and what presses buttons in a window and reads it as assistive programs do,
#                       and Python, for the second verifier
#
# On Debian and Ubuntu it installs with apt-get, as root or with sudo that asks
# for no password; otherwise it prints the line to type and stops.
set -euo pipefail

readonly go_needed=1.26 node_needed=20.19

stop() {
  printf '%s\n' "$@" >&2
  exit 1
}

# at_least HAVE WANTED compares two version numbers.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

need_go() {
  command -v go >/dev/null ||
    stop "Countersign is built with Go $go_needed or newer, which is not installed. Get it from https://go.dev/dl/."
  local have
  have=$(go env GOVERSION)
  at_least "${have#go}" "$go_needed" ||
    stop "Countersign needs Go $go_needed or newer; this is ${have#go}. Get a newer one from https://go.dev/dl/."
}

need_node() {
  command -v node >/dev/null ||
    stop "The window is built with Node $node_needed or newer, which is not installed. Get it from https://nodejs.org/."
  local have
  have=$(node --version)
  at_least "${have#v}" "$node_needed" ||
    stop "The window needs Node $node_needed or newer; this is ${have#v}. Get a newer one from https://nodejs.org/."
  command -v npm >/dev/null ||
    stop "npm is not installed. It comes with Node from https://nodejs.org/, or as the package npm."
}

has_command() { command -v "$1" >/dev/null; }
has_library() { has_command pkg-config && pkg-config --exists "$1"; }

# What assistive programs read a window by, for the Python that Debian's packages are for.
has_at_spi() {
  [ -e /usr/share/dbus-1/services/org.a11y.Bus.service ] &&
    /usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0")' 2>/dev/null
}

# missing prints the Debian packages that are not there yet. It looks for what
# they bring, so that a machine that has it from elsewhere is left alone.
missing() {
  has_command cc && has_command g++ || echo build-essential
  has_command pkg-config || echo pkg-config
  has_library gtk+-3.0 || echo libgtk-3-dev
  has_library webkit2gtk-4.1 || echo libwebkit2gtk-4.1-dev
  [ "$1" = test ] || return 0
  has_command python3 || echo python3
  has_command xvfb-run || echo xvfb
  has_command xauth || echo xauth
  has_command dbus-run-session || echo dbus
  has_command gnome-keyring-daemon || echo gnome-keyring
  has_command chromium || has_command chromium-browser || has_command google-chrome || echo chromium
  has_command xdotool || echo xdotool
  has_command openbox || echo openbox
  has_at_spi || echo at-spi2-core python3-gi gir1.2-atspi-2.0
}

install() {
  local line="apt-get install -y --no-install-recommends $*" as_root=()
  if ! has_command apt-get; then
    stop "Install what these Debian packages bring, under the names of your distribution, and start again:" "  $*"
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      stop "Some packages are missing. Install them and start again:" "  sudo apt-get update && sudo $line"
    fi
    as_root=(sudo -n)
  fi
  echo "Installing $*"
  "${as_root[@]}" apt-get update -qq </dev/null ||
    echo "The list of packages could not be refreshed; going on with the one that is there." >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $line </dev/null ||
    stop "The packages could not be installed. This is the line that did not work:" "  $line"
}

part=${1:-terminal}
need_go
case $part in
  terminal) exit 0 ;;
  window | test) need_node ;;
  *) stop "setup.sh knows the parts window and test, not $part." ;;
esac
case $(uname) in
  Linux)
    packages=$(missing "$part")
    # shellcheck disable=SC2086 # one word each
    [ -z "$packages" ] || install $packages
    ;;
  Darwin)
    xcode-select -p >/dev/null 2>&1 || stop "The window needs Apple's command line tools. Install them with: xcode-select --install"
    ;;
esac
