/**
 * Checks the types of the whole project, and with them the Effect diagnostics where the patched compiler is
 * installed (Linux on x64). Elsewhere the plain compiler checks the types and one line says what was left
 * out; where `CI` is `true` that is a failure.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { createRequire } from "node:module"

const root = resolve(import.meta.dirname, "..")
const require = createRequire(import.meta.url)

const typescriptFolder = join(root, "node_modules/typescript")

/** The patched compiler for exactly the installed TypeScript, if there is one. */
const patchedCompiler = (): string | undefined => {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(join(typescriptFolder, "package.json"), "utf8")
  )
  const path = join(root, "node_modules/@effect/tsgo-linux-x64/artifacts/typescript", manifest.version, "tsc")
  return existsSync(path) && process.platform === "linux" && process.arch === "x64" ? path : undefined
}

const patched = patchedCompiler()
if (patched === undefined) {
  process.stderr.write("Effect diagnostics were skipped: there is no patched compiler for this platform.\n")
  if (process.env["CI"] === "true") process.exit(1)
}

const args = ["-p", root, ...process.argv.slice(2)]
const result =
  patched === undefined
    ? spawnSync(process.execPath, [require.resolve("typescript/bin/tsc"), ...args], { stdio: "inherit" })
    : spawnSync(patched, args, { stdio: "inherit" })
process.exit(result.status ?? 1)
