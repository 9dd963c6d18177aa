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

if [ ! -f "$root/dist/hooks/risk-validator.cjs" ]; then
  echo "risk-validator: it is not built, so no order is let through. Type: npm ci (in $root)" >&2
  exit 2
fi
. "$root/scripts/find-node.sh" || exit 2
if ! find_node; then
  echo "risk-validator: $missing_node" >&2
  exit 2
fi
"$node" --disable-warning=ExperimentalWarning "$root/dist/hooks/risk-validator.cjs" || exit 2
