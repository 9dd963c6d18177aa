/** The files that a strategy's code is in, and the hash that names it. */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs"
import { dirname, extname, join, relative, resolve } from "node:path"
import { readTextFile } from "../ReadTextFile.ts"

/** Files of one strategy, those it imports among them. */
const MOST_CODE_FILES = 500

/** The relative paths a module names after `from`, `import` or `import(`; what stands in a comment counts too. */
const relativeImports = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/\b(?:from|import)\s*\(?\s*["'](?<path>\.{1,2}\/[^"'\n]+)["']/gu)].map(
    ({ groups }) => groups?.["path"] ?? ""
  )

const tooMany = (): never => {
  throw new Error(`it is in more than the ${MOST_CODE_FILES} files that are read`)
}

/** Text by path relative to `folder`. */
type Texts = Map<string, string>

const hashOf = (texts: Texts): string => {
  const hash = createHash("sha256")
  for (const path of [...texts.keys()].toSorted()) {
    const text = texts.get(path) ?? ""
    // Lengths keep two files from being read as others.
    hash.update(`${path}\n${Buffer.byteLength(text)}\n`).update(text)
  }
  return hash.digest("hex")
}

/** A module's code: its hash, SHA-256 in hex, and the real paths of the files that it covers. */
export interface ModuleCode {
  readonly hash: string
  readonly files: ReadonlySet<string>
}

/** Of a module and the files it imports by relative paths, and those that they import. Throws where one cannot be read. */
export const moduleCode = (file: string): ModuleCode => {
  const folder = dirname(file)
  const texts: Texts = new Map()
  const visit = (path: string): void => {
    const name = relative(folder, path)
    if (texts.has(name)) return
    if (texts.size === MOST_CODE_FILES) tooMany()
    const text = readTextFile(path)
    texts.set(name, text)
    for (const found of relativeImports(text)) {
      const imported = resolve(dirname(path), found)
      // One that is not there is the import's own error, or only named in a comment.
      if (existsSync(imported) && statSync(imported).isFile()) visit(imported)
    }
  }
  visit(file)
  const files = new Set([...texts.keys()].map((name) => realpathSync(resolve(folder, name))))
  return { hash: hashOf(texts), files }
}

/** Folders of a LEAN project that hold no code of it. */
const NO_CODE = new Set(["backtests", "bin", "obj", "live", "optimizations", "__pycache__"])

/** SHA-256, hex, over the .py and .cs files of a LEAN project; what LEAN writes into it does not count. */
export const projectHash = (folder: string): string => {
  const texts: Texts = new Map()
  const visit = (inside: string): void => {
    for (const entry of readdirSync(inside, { withFileTypes: true })) {
      const path = join(inside, entry.name)
      if (entry.isDirectory() && !entry.name.startsWith(".") && !NO_CODE.has(entry.name)) visit(path)
      if (!entry.isFile() || ![".py", ".cs"].includes(extname(entry.name))) continue
      if (texts.size === MOST_CODE_FILES) tooMany()
      texts.set(relative(folder, path), readTextFile(path))
    }
  }
  visit(folder)
  return hashOf(texts)
}
