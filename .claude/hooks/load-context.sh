#!/bin/sh
# Starts the hook load-context. It guards nothing: where it cannot run, it says so and stands in nobody's way.

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
root=$(CDPATH='' cd -P -- "$root" && pwd -P) || exit 0

if [ ! -f "$root/dist/hooks/load-context.cjs" ]; then
  echo "load-context: it is not built. Type: npm ci (in $root)" >&2
  exit 0
fi
. "$root/scripts/find-node.sh"
if ! find_node; then
  echo "load-context: $missing_node" >&2
  exit 0
fi
exec "$node" --disable-warning=ExperimentalWarning "$root/dist/hooks/load-context.cjs"
