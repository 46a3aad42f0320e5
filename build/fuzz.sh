#!/usr/bin/env bash
# Fuzzes every parser: each fuzz target of the repository, two for each
# processor at a time, because a target waits for its own disk and engine too.
#
#   fuzz.sh [TIME]      how long each, such as 10s, 60s or 1h; 60s if nothing is said
#
# The targets are deterministic. Minimizing is bounded: without that the engine
# stalls on large inputs for longer than it searches. What is found lies in the
# package's testdata/fuzz, and fails its ordinary tests from then on.
set -euo pipefail
cd "$(dirname "$0")/.."
export FUZZTIME=${1:-60s}

list=$(grep -rn --include='*_test.go' -oE '^func Fuzz[A-Za-z0-9_]+' app backend | sed -E 's|/[^/]*_test.go:[0-9]+:func |:|' | sort -u)
[ -n "$list" ] || { echo "There is no fuzz target." >&2; exit 1; }

one() {
  package=./${1%%:*} name=${1##*:}
  if out=$(go test "$package" -run '^$' -fuzz "^$name\$" -fuzztime "$FUZZTIME" -fuzzminimizetime 10x -parallel 1 2>&1); then
    echo "$package $name: nothing found, $(grep -oE 'execs: [0-9]+' <<<"$out" | tail -1)"
  else
    echo "$package $name"
    echo "$out"
    exit 255 # no other target begins
  fi
}
export -f one
xargs -P $(($(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN) * 2)) -I{} bash -c 'one {}' <<<"$list"
echo "fuzz: nothing was found in $(wc -l <<<"$list") targets, $FUZZTIME each"
