# Sourced by the launcher and by the install script, with `root` set to the project's folder.
# Sets `node` to a Node.js 24 or newer, or to nothing.
#
# The pinned one is not asked for its version: that alone would cost as much as a short command does.
find_node() {
  node=""
  for candidate in "$root"/node_modules/node-*/bin/node "$root"/node_modules/.bin/node; do
    if [ -x "$candidate" ]; then
      node=$candidate
      return 0
    fi
  done

  # Installed as somebody's dependency, the platform package lies beside this one.
  case $root in
    */node_modules/*)
      for candidate in "$root"/../node-*/bin/node; do
        if [ -x "$candidate" ]; then
          node=$candidate
          return 0
        fi
      done
      ;;
  esac

  candidate=$(command -v node 2>/dev/null) || return 1
  major=$("$candidate" -p 'process.versions.node.split(".")[0]' 2>/dev/null) || return 1
  case $major in
    '' | *[!0-9]*) return 1 ;;
  esac
  [ "$major" -ge 24 ] || return 1
  node=$candidate
}

missing_node="no Node.js 24 or newer was found. Type: npm ci --include=optional (it brings one along), or install Node.js 24."
