#!/bin/sh
# session.sh COMMAND...: runs it in a display, session bus and unlocked keyring
# of its own, all thrown away afterwards. Tests use it, so that they neither
# see nor touch those of the person who runs them. A window manager is there
# where one is installed: without one a dialog of the system gets no keyboard.
#
# HOME is replaced too. Compile before, not inside: Go's cache is under HOME.
set -eu

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir -m 700 "$room/home" "$room/run"
export HOME="$room/home" XDG_RUNTIME_DIR="$room/run"
unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
# No GPU, no accessibility bus that would outlive the session, X rather than Wayland.
export LIBGL_ALWAYS_SOFTWARE=1 NO_AT_BRIDGE=1 GDK_BACKEND=x11

status=0
xvfb-run -a -s "-screen 0 1280x900x24 -nolisten tcp" dbus-run-session -- sh -c '
  printf "throw-away" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
  if command -v openbox >/dev/null; then
    openbox --sm-disable </dev/null >/dev/null 2>&1 & # ends with its display
  fi
  "$@"
' sh "$@" || status=$?
exit "$status"
