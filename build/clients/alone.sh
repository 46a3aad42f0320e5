#!/bin/sh
# alone.sh COMMAND...: runs it where nothing but this machine's loopback can be
# reached, in a network namespace of its own; where that is not permitted,
# behind a proxy that is dead for everything else. Says which.
set -eu

if command -v unshare >/dev/null && command -v ip >/dev/null; then
  for way in -n -rn; do
    if unshare "$way" ip link set lo up 2>/dev/null; then
      echo "Network: a namespace of its own, loopback only (unshare $way)."
      exec unshare "$way" sh -c 'ip link set lo up && exec "$@"' sh "$@"
    fi
  done
fi
echo "Network: a namespace of its own is not permitted here, so a proxy that is dead for everything but loopback."
exec node "$(dirname "$0")/fence.mjs" "$@"
