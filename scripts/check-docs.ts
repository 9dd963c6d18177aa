/**
 * Holds the documentation to the tree: links between files and to headings lead somewhere,
 * docs/architecture.md names every folder of src/, docs/dependencies.md lists the packages that package.json
 * does. Prints a line for each fault and exits 1 if there is one.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"

const flag = process.argv.indexOf("--root")

/** `--root` checks another folder of the same shape: the tests use it. */
const root = resolve((flag === -1 ? undefined : process.argv[flag + 1]) ?? join(import.meta.dirname, ".."))

const notOurs = new Set(["node_modules", "dist", "coverage", ".git", ".plimsoll"])

const markdownFiles = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (notOurs.has(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return markdownFiles(path)
    return entry.isFile() && entry.name.endsWith(".md") ? [path] : []
  })

const withoutBlocks = (text: string): string => text.replace(/^(?<fence>```|~~~)[\s\S]*?^\k<fence>/gmu, "")

const withoutCode = (text: string): string => withoutBlocks(text).replace(/`[^`\n]*`/gu, "")

/** The anchors a Markdown file's headings get. */
const anchorsOf = (text: string): ReadonlySet<string> => {
  const anchors = new Set<string>()
  for (const [, title = ""] of withoutBlocks(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gmu)) {
    const slug = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/gu, "-")
    let anchor = slug
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`
    anchors.add(anchor)
  }
  return anchors
}

const brokenLinks = (file: string): ReadonlyArray<string> => {
  const text = readFileSync(file, "utf8")
  const inline = withoutCode(text).matchAll(/\]\(\s*<?(?<target>[^)\s>]+)/gu)
  const reference = withoutCode(text).matchAll(/^\[[^\]]+\]:\s*<?(?<target>[^\s>]+)/gmu)
  return [...inline, ...reference].flatMap((match) => {
    const target = match.groups?.["target"] ?? ""
    if (/^[a-z][a-z0-9+.-]*:/iu.test(target)) return []
    const [path = "", anchor] = decodeURIComponent(target).split("#")
    const destination = path === "" ? file : resolve(dirname(file), path)
    const where = `${relative(root, file)}: the link ${target}`
    if (!existsSync(destination)) return [`${where} leads nowhere`]
    if (anchor === undefined || !destination.endsWith(".md")) return []
    return anchorsOf(readFileSync(destination, "utf8")).has(anchor) ? [] : [`${where} names no heading`]
  })
}

const missingFolders = (): ReadonlyArray<string> => {
  const path = join(root, "docs/architecture.md")
  if (!existsSync(path)) return ["docs/architecture.md is missing"]
  const text = readFileSync(path, "utf8")
  const source = join(root, "src")
  if (!existsSync(source)) return []
  return (
    readdirSync(source)
      .filter((name) => statSync(join(source, name)).isDirectory())
      // Named as a folder (`risk/`), as code, or as a box of a diagram (risk[…]), not as a word of a sentence.
      .filter((name) => !new RegExp(String.raw`(?<![\w-])${name}[/\x60[\]]`, "u").test(text))
      .map((name) => `docs/architecture.md does not name src/${name}/`)
  )
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const dependencyFaults = (): ReadonlyArray<string> => {
  const path = join(root, "docs/dependencies.md")
  if (!existsSync(path)) return ["docs/dependencies.md is missing"]
  const manifest: Manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const installed = new Set(
    [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].flatMap((names) =>
      Object.keys(names ?? {})
    )
  )
  // The first cell of a table's row names packages, each in backquotes.
  const listed = new Set(
    [...readFileSync(path, "utf8").matchAll(/^\|(?<cell>[^|]+)\|/gmu)].flatMap((row) =>
      [...(row.groups?.["cell"] ?? "").matchAll(/`(?<name>[^`]+)`/gu)].map(
        (cell) => cell.groups?.["name"] ?? ""
      )
    )
  )
  return [
    ...[...installed]
      .filter((name) => !listed.has(name))
      .map((name) => `docs/dependencies.md does not list ${name}`),
    ...[...listed]
      .filter((name) => !installed.has(name))
      .map((name) => `docs/dependencies.md lists ${name}, not in package.json`)
  ]
}

const faults = [...markdownFiles(root).flatMap(brokenLinks), ...missingFolders(), ...dependencyFaults()]
for (const fault of faults) process.stderr.write(`docs: ${fault}\n`)
if (faults.length > 0) process.exit(1)
