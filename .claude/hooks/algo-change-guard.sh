#!/bin/sh
# Starts the hook algo-change-guard. Whatever ends it otherwise than well blocks the call: exit 2.
# In a fresh checkout there is nothing to run yet, and nothing else may be blocked, or it could never be built.

self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
case $self in
  */*) root=${self%/*}/../.. ;;
  *) root=../.. ;;
esac
root=$(CDPATH='' cd -P -- "$root" && pwd -P) || exit 2

# What cannot run lets through what mends it, and nothing else. A quote inside a text would have a backslash.
only_repairs() {
  case $(cat) in
    *'"command":"npm ci"'* | *'"command":"npm install"'* | *'"command":"npm run build"'*) exit 0 ;;
  esac
  echo "algo-change-guard: $1 Until then only npm ci, npm install and npm run build are let through." >&2
  exit 2
}

if [ ! -d "$root/dist" ]; then
  # A build moves the old bundles away and the new ones in: between the two this is no fresh checkout.
  for old in "$root"/dist.*.old; do
    [ ! -e "$old" ] || only_repairs "it is being built anew: try again, or type npm run build (in $root)."
  done
  echo "algo-change-guard: it is not built, so nothing is guarded. Type: npm ci (in $root)" >&2
  exit 0
fi
# An empty program would end well: a power cut leaves such files.
[ -s "$root/dist/hooks/algo-change-guard.cjs" ] || only_repairs "it is not built. Type: npm run build (in $root)"
# Some shells end with 1 where a file that is read in is missing, and do not come to what follows.
[ -r "$root/scripts/find-node.sh" ] || only_repairs "scripts/find-node.sh is missing (in $root)."
. "$root/scripts/find-node.sh" || exit 2
find_node || only_repairs "$missing_node"
"$node" --disable-warning=ExperimentalWarning "$root/dist/hooks/algo-change-guard.cjs" || exit 2
