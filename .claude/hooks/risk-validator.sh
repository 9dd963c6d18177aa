#!/bin/sh
# Starts the hook risk-validator. Whatever ends it otherwise than well blocks the order: exit 2.

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

# An empty program would end well: a power cut leaves such files.
if [ ! -s "$root/dist/hooks/risk-validator.cjs" ]; then
  echo "risk-validator: it is not built, so no order is let through. Type: npm ci (in $root)" >&2
  exit 2
fi
# Some shells end with 1 where a file that is read in is missing, and do not come to what follows.
[ -r "$root/scripts/find-node.sh" ] || {
  echo "risk-validator: scripts/find-node.sh is missing, so no order is let through (in $root)" >&2
  exit 2
}
. "$root/scripts/find-node.sh" || exit 2
if ! find_node; then
  echo "risk-validator: $missing_node" >&2
  exit 2
fi
"$node" --disable-warning=ExperimentalWarning "$root/dist/hooks/risk-validator.cjs" || exit 2
