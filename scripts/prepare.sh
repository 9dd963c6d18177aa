#!/bin/sh
# npm runs this after an install. It fetches nothing: it links the Node.js that came as a platform package,
# so that every npm script finds it first, and builds the bundles.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/scripts/find-node.sh"

# npm 11 makes this link itself, npm 10 does not.
for pinned in "$root"/node_modules/node-*/bin/node; do
  if [ -x "$pinned" ] && [ ! -e "$root/node_modules/.bin/node" ]; then
    mkdir -p "$root/node_modules/.bin"
    ln -sf "../${pinned#"$root"/node_modules/}" "$root/node_modules/.bin/node"
  fi
done

exec sh "$root/scripts/build.sh"
