#!/usr/bin/env bash
# browser.sh BINARY: serves the window of a bridge build to a browser on this
# machine, until Ctrl-C. ADDRESS names where, DATA the folder of the workspace.
#
# The bridge answers any page of any site that is open in a browser here, so the
# binary opens demo workspaces only. It is never shipped.
set -euo pipefail

address=${ADDRESS:-127.0.0.1:34115}
case $address in
  127.0.0.1:* | localhost:*) ;;
  *) echo "ADDRESS must be on this machine, such as 127.0.0.1:34115, not $address." >&2; exit 1 ;;
esac
binary=$1
export assetdir=frontend/dist devserver=$address loglevel=Warning NO_AT_BRIDGE=1

echo "Countersign, demo workspace, on http://$address"
echo "From another computer: ssh -L ${address##*:}:$address THIS-MACHINE"

# A session of its own: Ctrl-C has to reach the program first and not the
# display and the bus under it, or it cannot close its workspace.
pid=$(mktemp)
trap 'kill -TERM "$(cat "$pid")" 2>/dev/null || true' INT TERM HUP
setsid xvfb-run -a -s "-screen 0 1280x900x24 -nolisten tcp" dbus-run-session -- \
  sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$pid" "$binary" ${DATA:+--data "$DATA"} &
session=$!
while kill -0 "$session" 2>/dev/null; do wait "$session" || true; done
rm -f "$pid"
