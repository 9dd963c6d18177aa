/** A PATH on which `lean` is the stand-in, and `docker` something that only writes down what it was asked. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const standIn = fileURLToPath(new URL("StandInLean.ts", import.meta.url))

const script = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
}

export interface InstalledLean {
  readonly environment: Readonly<Record<string, string>>
  /** What was done to the stand-ins, a line each. */
  readonly acts: () => ReadonlyArray<string>
}

/** Below `folder`, with the stand-in in one of its modes. */
export const installedLean = (folder: string, mode: string): InstalledLean => {
  const bin = join(folder, "bin")
  const acts = join(folder, "acts.txt")
  script(join(bin, "lean"), `exec "${process.execPath}" "${standIn}" "$@"`)
  script(join(bin, "docker"), `echo "docker $@" >> "${acts}"`)
  return {
    environment: { PATH: `${bin}:/usr/bin:/bin`, LEAN_STAND_IN: mode, LEAN_STAND_IN_ACTS: acts },
    acts: () => (existsSync(acts) ? readFileSync(acts, "utf8").trim().split("\n") : [])
  }
}

/** A LEAN project in `folder`/algorithms. */
export const leanProjectIn = (folder: string, name = "cross"): string => {
  const project = join(folder, "algorithms", name)
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, "main.py"), "from AlgorithmImports import *\n")
  writeFileSync(
    join(project, "config.json"),
    JSON.stringify({ "algorithm-language": "Python", parameters: { fast: "5", slow: "50" }, description: "" })
  )
  return project
}
