/** What a process asked of the system, by strace: every write with its bytes, every sync, in their order. */
import { spawn, spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

export const hasStrace: boolean = spawnSync("strace", ["-V"]).status === 0
export const NO_STRACE = "no strace (Debian's package strace)"

export type Call =
  | { readonly kind: "write"; readonly path: string; readonly at: number | undefined; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly path: string; readonly size: number }
  | { readonly kind: "create"; readonly path: string }
  | { readonly kind: "unlink"; readonly path: string }
  | { readonly kind: "sync"; readonly path: string }

const traced = [
  "write,pwrite64,writev,pwritev,pwritev2,sendto,copy_file_range,sendfile",
  "openat,ftruncate,truncate,fallocate,rename,renameat,renameat2,unlink,unlinkat",
  "fsync,fdatasync,sync_file_range,msync"
].join(",")

const unhex = (text: string): Buffer => Buffer.from(text.replaceAll("\\x", ""), "hex")

/** `pwrite64(24<\x2f…>, "\x37…", 4120, 0) = 4120` */
const LINE = /^(\w+)\((\d+)<((?:\\x[0-9a-f]{2})*)[^>]*>(?:, (.*))?\)\s+= (-?\d+)/u

/** `unlink("\x2f…") = 0` */
const UNLINK = /^unlink\("((?:\\x[0-9a-f]{2})*)"\)\s+= 0$/u

/** `openat(AT_FDCWD<…>, "\x2f…", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 24<…>` */
const CREATE = /^openat\([^"]*"((?:\\x[0-9a-f]{2})*)", [A-Z_|]*O_CREAT[A-Z_|]*[^)]*\)\s+= \d+</u

const parse = (line: string): Call | undefined => {
  if (line.startsWith("openat")) {
    const created = CREATE.exec(line)
    return created === null ? undefined : { kind: "create", path: unhex(created[1] ?? "").toString() }
  }
  const unlinked = UNLINK.exec(line)
  if (unlinked !== null) return { kind: "unlink", path: unhex(unlinked[1] ?? "").toString() }
  const found = LINE.exec(line)
  if (found === null) return undefined
  const [, name = "", , hexPath = "", rest = "", result = "-1"] = found
  const path = unhex(hexPath).toString()
  const done = Number(result)
  if (done < 0) return undefined
  switch (name) {
    case "fsync":
    case "fdatasync":
      return { kind: "sync", path }
    case "ftruncate":
      return { kind: "truncate", path, size: Number(rest) }
    case "write":
    case "pwrite64": {
      const [, hex = "", at] = /^"((?:\\x[0-9a-f]{2})*)", \d+(?:, (\d+))?$/u.exec(rest) ?? []
      const bytes = unhex(hex).subarray(0, done)
      if (bytes.length !== done) throw new Error(`the trace has cut a write short: ${line.slice(0, 200)}`)
      return { kind: "write", path, at: at === undefined ? undefined : Number(at), bytes }
    }
    default:
      throw new Error(`the trace has a call that is not replayed: ${line.slice(0, 200)}`)
  }
}

/**
 * Runs `script` with `args` under strace; gives its main thread's calls on files whose path begins with `folder`, and
 * its writes to standard output, in their order. Another thread that changes the folder is an error.
 */
export const traceCalls = async (
  script: string,
  args: ReadonlyArray<string>,
  folder: string,
  traces: string
): Promise<ReadonlyArray<Call>> => {
  const child = spawn(
    "strace",
    [
      "-ff",
      "-y",
      "-xx",
      "-s",
      "16777216",
      "-e",
      `trace=${traced}`,
      "-o",
      join(traces, "t"),
      process.execPath,
      script,
      ...args
    ],
    { stdio: ["ignore", "pipe", "pipe"] }
  )
  let said = ""
  child.stdout.on("data", () => {})
  child.stderr.on("data", (chunk) => (said += String(chunk)))
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve))
  if (code !== 0) throw new Error(`the traced process ended with ${code}:\n${said}`)
  const hexFolder = [...Buffer.from(folder)]
    .map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`)
    .join("")
  const threads = readdirSync(traces)
    .toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2)))
    .map((name) => readFileSync(join(traces, name), "utf8").split("\n"))
  const [main = [], ...others] = threads
  const strange = others.flat().find((line) => line.includes(hexFolder) && parse(line) !== undefined)
  if (strange !== undefined) throw new Error(`another thread changed the desk: ${strange.slice(0, 200)}`)
  return main
    .filter((line) => line.includes(hexFolder) || line.startsWith("write(1<"))
    .flatMap((line) => parse(line) ?? [])
}
