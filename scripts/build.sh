#!/bin/sh
# Builds the bundles in dist/ with whatever Node is good for it. Arguments go to build.ts.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/scripts/find-node.sh"
if ! find_node; then
  echo "plimsoll: $missing_node" >&2
  exit 1
fi
exec "$node" "$root/scripts/build.ts" "$@"
