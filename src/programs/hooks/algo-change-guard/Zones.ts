/**
 * Which files an agent may not change, and which only after a person was asked.
 *
 * Names are compared without regard to case: on some systems `.Claude` is `.claude`.
 */
import { type FileProbe, lexical, physical } from "../kit/FileProbe.ts"
import { canBe, isPlain, UNKNOWN } from "../kit/shell/ShellValues.ts"

export type Zone =
  /** Denied. */
  | { readonly _tag: "Guarded"; readonly what: string; readonly instead: string }
  /** Asked for, and written down. */
  | { readonly _tag: "Algorithm"; readonly path: string }
  /** Asked for. */
  | { readonly _tag: "Launch"; readonly what: string }

export interface Places {
  /** The project's folder, absolute. */
  readonly project: string
  /** Where Plimsoll is installed, when that is known: the project itself, or another folder. */
  readonly installation?: string | undefined
  /** The person's home folder. */
  readonly home: string | undefined
  /** What the desk keeps: `.plimsoll`, or PLIMSOLL_HOME. */
  readonly desk: string
  /** The desk's configuration. */
  readonly config: string
}

const guarded = (what: string, instead: string): Zone => ({ _tag: "Guarded", what, instead })

const limits = guarded(
  "plimsoll.json holds the limits",
  "A person edits it, and accepts what is looser with: plimsoll limits accept"
)
const settings = guarded("the client's settings hold the guards", "A person edits them")
const hooks = guarded("the hooks are the guards", "A person edits them")
const servers = guarded(".mcp.json says how the desk's servers are started", "A person edits it")
const state = guarded(
  "the desk's own files are written by the desk only",
  "Its tools and commands read them: plimsoll status, why, audit verify, export"
)
const bundles = guarded("dist/ holds the guards as they run", "It is made from src/ by: npm run build")
const definitions: Zone = {
  _tag: "Launch",
  what: "agents, skills and commands of the client may start servers, hooks and commands of their own"
}
const launcher = guarded("bin/plimsoll starts the servers", "A person edits it")

const folded = (path: string): string => path.normalize("NFC").toLowerCase()

/** `path` below `folder`, or `undefined` when it is not. */
const below = (path: string, folder: string): string | undefined => {
  const base = folder === "/" ? "" : folder
  if (path === folder) return ""
  return path.startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined
}

/** What runs the guards and servers. */
const inInstallation = (path: string): Zone | undefined => {
  if (path === "bin/plimsoll") return launcher
  if (path === "dist/hooks" || path.startsWith("dist/hooks/") || /^dist\/[^/]+\.cjs$/u.test(path))
    return bundles
  return path === "scripts/find-node.sh"
    ? { _tag: "Launch", what: "the guards are started through it" }
    : undefined
}

const inProject = (path: string): Zone | undefined => {
  if (path === "plimsoll.json") return limits
  if (path === ".mcp.json" || path.endsWith("/.mcp.json")) return servers
  if (path === "algorithms" || path.startsWith("algorithms/")) return { _tag: "Algorithm", path }
  return inInstallation(path)
}

const zoneAt = (exact: string, places: Places): Zone | undefined => {
  const path = folded(exact)
  if (below(path, folded(places.desk)) !== undefined || /\/\.plimsoll(?:\/|$)/u.test(path)) return state
  if (path === folded(places.config)) return limits
  if (/\/\.claude\/settings[^/]*(?:\/|$)/u.test(path)) return settings
  if (/\/\.claude\/hooks(?:\/|$)/u.test(path)) return hooks
  if (/\/\.claude\/(?:agents|skills|commands)(?:\/|$)/u.test(path)) return definitions
  if (places.home !== undefined && path === folded(`${places.home}/.claude.json`)) return settings
  const inside = below(path, folded(places.project))
  const installed = places.installation === undefined ? undefined : below(path, folded(places.installation))
  const zone =
    (inside === undefined ? undefined : inProject(inside)) ??
    (installed === undefined ? undefined : inInstallation(installed))
  // As it is written, for people to read.
  return zone?._tag === "Algorithm" ? { ...zone, path: exact.slice(places.project.length + 1) } : zone
}

/** Files of each kind, for patterns and for folders that hold them. */
const examples = (places: Places): ReadonlyArray<string> => {
  const { project, home, desk } = places
  const { installation = project } = places
  return [
    ...[project, ...(home === undefined ? [] : [home])].flatMap((folder) => [
      `${folder}/.claude/settings.json`,
      `${folder}/.claude/settings.local.json`
    ]),
    ...[...new Set([project, installation])].flatMap((folder) => [
      `${folder}/.claude/hooks`,
      `${folder}/dist/hooks`,
      `${folder}/dist/plimsoll.cjs`,
      `${folder}/dist/main.cjs`,
      `${folder}/bin/plimsoll`,
      ...["risk-validator", "algo-change-guard", "log-trade"].flatMap((name) => [
        `${folder}/.claude/hooks/${name}.sh`,
        `${folder}/dist/hooks/${name}.cjs`
      ])
    ]),
    `${project}/.mcp.json`,
    places.config,
    `${project}/plimsoll.json`,
    desk,
    `${desk}/desk.db`,
    `${desk}/place.json`,
    `${desk}/audit/2026-01-02.ndjson`,
    `${desk}/trades/2026-01-02.jsonl`
  ]
}

const algorithmExamples = ({ project }: Places): ReadonlyArray<string> => [
  `${project}/algorithms`,
  ...["main.py", "main.cs", "config.json", "research.ipynb", "main.ts"].flatMap((name) => [
    `${project}/algorithms/${name}`,
    `${project}/algorithms/sample/${name}`
  ])
]

/** A part of a name that says what is meant where the rest is not known. */
const TELLING = /\.claude|settings|\.mcp\.|plimsoll|desk\.db|(?:^|\/)hooks\b/iu

const patternZone = (pattern: string, places: Places): Zone | undefined => {
  const mark = [...pattern].findIndex((char) => !isPlain(char))
  const prefix = pattern.slice(0, mark)
  // A folder that is known to be guarded, whatever the names in it.
  const folder = zoneAt(lexical(prefix.slice(0, prefix.lastIndexOf("/"))), places)
  if (folder !== undefined && prefix.includes("/")) return folder
  const unknown = pattern.includes(UNKNOWN)
  const visible = folded(below(pattern, places.project) ?? pattern)
  if (!unknown || TELLING.test(visible)) {
    const hit = examples(places).find((path) => canBe(folded(pattern), folded(path)))
    if (hit !== undefined) return zoneAt(hit, places)
  }
  if (!unknown || visible.includes("algorithms")) {
    const hit = algorithmExamples(places).find((path) => canBe(folded(pattern), folded(path)))
    if (hit !== undefined) return { _tag: "Algorithm", path: "algorithms/" }
  }
  return undefined
}

/** Dots in a pattern: `..` takes back a name, also one of which only the pattern is known. */
const withoutDots = (pattern: string): string => {
  const names: Array<string> = []
  for (const name of pattern.split("/")) {
    // Of any number of names, one less is any number.
    if (name === "..") {
      if (!/[\u{E000}\u{E008}]/u.test(names.at(-1) ?? "")) names.pop()
    } else if (name !== "" && name !== ".") names.push(name)
  }
  return names.join("/")
}

const spellings = (path: string, probe: FileProbe): ReadonlyArray<string> => {
  if (!path.startsWith("/")) return [withoutDots(path)]
  if (isPlain(path)) return [...new Set([lexical(path), physical(path, probe)])]
  const mark = [...path].findIndex((char) => !isPlain(char))
  const known = path.slice(0, path.lastIndexOf("/", mark) + 1)
  const rest = path.slice(known.length)
  return [...new Set([lexical(known), physical(known, probe)])].map(
    (folder) => `/${withoutDots(`${folder}/${rest}`)}`
  )
}

/** Places as they are written, and as the system finds them. */
const placesOf = (places: Places, probe: FileProbe): ReadonlyArray<Places> => {
  const through = (path: string): string => physical(path, probe)
  const found = {
    project: through(places.project),
    installation: places.installation === undefined ? undefined : through(places.installation),
    home: places.home === undefined ? undefined : through(places.home),
    desk: through(places.desk),
    config: through(places.config)
  }
  return found.project === places.project &&
    found.desk === places.desk &&
    found.home === places.home &&
    found.installation === places.installation
    ? [places]
    : [places, found]
}

export interface ZoneMap {
  /** What a file is, absolute or beginning with a mark; the strictest of what it may be. */
  readonly of: (path: string) => Zone | undefined
  /** The same when the file may be a folder that goes with all that is in it. */
  readonly within: (path: string) => Zone | undefined
}

const strictest = (zones: ReadonlyArray<Zone | undefined>): Zone | undefined =>
  zones.find((zone) => zone?._tag === "Guarded") ?? zones.find((zone) => zone !== undefined)

const remembered = (look: (path: string) => Zone | undefined): ((path: string) => Zone | undefined) => {
  const known = new Map<string, Zone | undefined>()
  return (path) => {
    if (known.has(path)) return known.get(path)
    const zone = look(path)
    known.set(path, zone)
    return zone
  }
}

export const zoneMap = (given: Places, probe: FileProbe): ZoneMap => {
  const all = placesOf(given, probe)
  const of = (path: string): Zone | undefined =>
    strictest(
      spellings(path, probe).flatMap((spelling) =>
        all.map((places) => (isPlain(spelling) ? zoneAt(spelling, places) : patternZone(spelling, places)))
      )
    )
  const holds = (spelling: string, places: Places, file: string): boolean => {
    if (isPlain(spelling)) return below(folded(file), folded(spelling)) !== undefined
    const names = file.split("/")
    const unknown = spelling.includes(UNKNOWN)
    if (unknown && !TELLING.test(below(spelling, places.project) ?? spelling)) return false
    return names.some((_, at) => at > 1 && canBe(folded(spelling), folded(names.slice(0, at).join("/"))))
  }
  const within = (path: string): Zone | undefined =>
    strictest([
      of(path),
      ...spellings(path, probe).flatMap((spelling) =>
        all.flatMap((places) =>
          [...examples(places), ...algorithmExamples(places)]
            .filter((file) => holds(spelling, places, file))
            .map((file) => zoneAt(file, places))
        )
      )
    ])
  return { of: remembered(of), within: remembered(within) }
}
