/** What hooks ask the file system, and the way through its links. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs"

export interface FileProbe {
  readonly isFolder: (path: string) => boolean
  /** Where a link leads, or `undefined` when it is none. */
  readonly link: (path: string) => string | undefined
  /** The names in a folder; `undefined` when it cannot be read or holds too many. */
  readonly names: (folder: string) => ReadonlyArray<string> | undefined
  /** A file's text; `undefined` when it cannot be read or is too long. */
  readonly text: (path: string) => string | undefined
}

const MAX_NAMES = 10_000
const MAX_FILE_BYTES = 16 * 1024 * 1024
const MAX_LINKS = 40

const attempt = <A>(ask: () => A): A | undefined => {
  try {
    return ask()
  } catch {
    return undefined
  }
}

export const fileProbe: FileProbe = {
  // An error for what is not there would cost more than all the rest.
  isFolder: (path) => attempt(() => statSync(path, { throwIfNoEntry: false })?.isDirectory()) ?? false,
  link: (path) =>
    attempt(() =>
      lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined
    ),
  names: (folder) =>
    attempt(() => {
      const names = readdirSync(folder)
      return names.length > MAX_NAMES ? undefined : names
    }),
  text: (path) =>
    attempt(() => {
      const stats = statSync(path, { throwIfNoEntry: false })
      return stats?.isFile() && stats.size <= MAX_FILE_BYTES ? readFileSync(path, "utf8") : undefined
    })
}

/** An absolute path without dots, as it is written: `..` takes back the name before it. */
export const lexical = (path: string): string => {
  const names: Array<string> = []
  for (const name of path.split("/")) {
    if (name === "..") names.pop()
    else if (name !== "" && name !== ".") names.push(name)
  }
  return `/${names.join("/")}`
}

/** The same as the system goes: through links, also those that lead to nothing yet. */
export const physical = (path: string, { link }: Pick<FileProbe, "link">): string => {
  let ahead = path.split("/")
  let here: Array<string> = []
  let links = 0
  while (ahead.length > 0) {
    const [name = "", ...rest] = ahead
    ahead = rest
    if (name === "..") here.pop()
    else if (name !== "" && name !== ".") {
      const target = links < MAX_LINKS ? link(`/${[...here, name].join("/")}`) : undefined
      if (target === undefined) here.push(name)
      else {
        links += 1
        if (target.startsWith("/")) here = []
        ahead = [...target.split("/"), ...ahead]
      }
    }
  }
  return `/${here.join("/")}`
}
