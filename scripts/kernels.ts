/**
 * Compiles kernels/assembly (AssemblyScript) into bytes that are committed: a module for the options, one for Monte
 * Carlo paths.
 *
 *     npm run kernels              installs the compiler in kernels/, compiles, writes
 *     npm run kernels -- --check   the same, and fails where the committed bytes are others
 *
 * The compiler, of about 100 MB, is a dependency of kernels/package.json alone.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const folder = join(root, "kernels")

interface Kernels {
  /** In kernels/assembly. */
  readonly entry: string
  /** Name of the constant. */
  readonly name: string
  readonly target: string
  readonly flags: ReadonlyArray<string>
}

const modules: ReadonlyArray<Kernels> = [
  {
    entry: "index.ts",
    name: "kernelBytes",
    target: "src/options/kernels/wasm/KernelBytes.ts",
    // Shared, so that several threads can work on one batch.
    flags: [
      "--enable",
      "threads",
      "--importMemory",
      "--sharedMemory",
      "--initialMemory",
      "1",
      "--maximumMemory",
      "65536"
    ]
  },
  {
    entry: "bootstrap.ts",
    name: "bootstrapBytes",
    target: "src/backtest/robustness/montecarlo/wasm/BootstrapBytes.ts",
    flags: ["--importMemory", "--initialMemory", "1"]
  }
]

const commonFlags = ["-O3", "--converge", "--noAssert", "--runtime", "stub", "--enable", "simd"]

const install = (): void => {
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: "inherit"
  })
}

const compile = ({ entry, flags }: Kernels): Buffer => {
  const out = mkdtempSync(join(tmpdir(), "plimsoll-kernels-"))
  try {
    const compiler = join(folder, "node_modules/assemblyscript/bin/asc.js")
    const file = join(out, "kernels.wasm")
    execFileSync(process.execPath, [compiler, `assembly/${entry}`, "-o", file, ...commonFlags, ...flags], {
      cwd: folder,
      stdio: "inherit"
    })
    return readFileSync(file)
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

/** Written, or compared with what is there. */
const settle = ({ name, target, ...kernels }: Kernels): void => {
  const bytes = compile({ name, target, ...kernels })
  const text = `/** Written by \`npm run kernels\` from kernels/assembly: a WebAssembly module of ${bytes.length} bytes, in base64. */
export const ${name} =
  "${bytes.toString("base64")}"
`
  const file = join(root, target)
  if (!process.argv.includes("--check")) {
    writeFileSync(file, text)
    process.stdout.write(`kernels: ${bytes.length} bytes into ${target}\n`)
  } else if (readFileSync(file, "utf8") !== text) {
    process.stderr.write(`kernels: ${target} is not what kernels/assembly gives: npm run kernels\n`)
    process.exitCode = 1
  } else {
    process.stdout.write(`kernels: ${target} is what kernels/assembly gives\n`)
  }
}

install()
for (const kernels of modules) settle(kernels)
