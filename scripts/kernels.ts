/**
 * Compiles kernels/assembly (AssemblyScript) into src/options/kernels/wasm/KernelBytes.ts.
 *
 *     npm run kernels              installs the compiler in kernels/, compiles, writes
 *     npm run kernels -- --check   the same, and fails where the committed bytes are others
 *
 * The compiler, of about 100 MB, is a dependency of kernels/package.json alone.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"

const root = join(import.meta.dirname, "..")
const folder = join(root, "kernels")
const target = join(root, "src/options/kernels/wasm/KernelBytes.ts")

const flags = [
  ["-O3", "--converge", "--noAssert"],
  ["--runtime", "stub"],
  ["--enable", "simd"],
  ["--enable", "threads"],
  ["--importMemory", "--sharedMemory"],
  ["--initialMemory", "1", "--maximumMemory", "65536"]
].flat()

const compile = (): Buffer => {
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: "inherit"
  })
  const out = mkdtempSync(join(tmpdir(), "plimsoll-kernels-"))
  try {
    const compiler = join(folder, "node_modules/assemblyscript/bin/asc.js")
    const file = join(out, "kernels.wasm")
    execFileSync(process.execPath, [compiler, "assembly/index.ts", "-o", file, ...flags], {
      cwd: folder,
      stdio: "inherit"
    })
    return readFileSync(file)
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

const bytes = compile()
const text = `/** Written by \`npm run kernels\` from kernels/assembly: a WebAssembly module of ${bytes.length} bytes, in base64. */
export const kernelBytes =
  "${bytes.toString("base64")}"
`
if (!process.argv.includes("--check")) {
  writeFileSync(target, text)
  process.stdout.write(`kernels: ${bytes.length} bytes into ${relative(root, target)}\n`)
} else if (readFileSync(target, "utf8") !== text) {
  process.stderr.write("kernels: the committed bytes are not what kernels/assembly gives: npm run kernels\n")
  process.exitCode = 1
} else {
  process.stdout.write("kernels: the committed bytes are what kernels/assembly gives\n")
}
