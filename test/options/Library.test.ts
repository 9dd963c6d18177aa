/** `plimsoll/options`, as another program's author meets it. */
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { buildIfStale } from "../e2e/Program.ts"

const root = resolve(import.meta.dirname, "../..")
const project = mkdtempSync(join(tmpdir(), "plimsoll-library-"))

/** A project of its own that has the package and Effect installed, and nothing else of this checkout. */
beforeAll(() => {
  buildIfStale()
  mkdirSync(join(project, "node_modules"))
  symlinkSync(root, join(project, "node_modules/plimsoll"))
  symlinkSync(join(root, "node_modules/effect"), join(project, "node_modules/effect"))
  writeFileSync(join(project, "package.json"), `{ "type": "module" }`)
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { strict: true, module: "nodenext", target: "es2023", noEmit: true, types: [] },
      files: ["program.ts"]
    })
  )
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

const write = (text: string): void => writeFileSync(join(project, "program.ts"), text)

const compile = () =>
  spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], {
    encoding: "utf8"
  })

const program = `
import { Result } from "effect"
import { BlackScholes, ImpliedVolatility } from "plimsoll/options"

const terms = { right: "CALL", spot: 42, strike: 40, years: 0.5, rate: 0.1, dividendYield: 0 } as const
const price = Result.getOrThrow(BlackScholes.price({ ...terms, volatility: 0.2 }))
const volatility = Result.getOrThrow(ImpliedVolatility.impliedVolatility(terms, price))
console.log(price.toFixed(2), volatility._tag === "Ok" ? volatility.volatility.toFixed(12) : volatility._tag)
`

describe("plimsoll/options in a project of its own", () => {
  it("compiles against its declarations, and prices Hull's example", () => {
    write(program)
    expect(compile()).toMatchObject({ status: 0, stdout: "" })
    const ran = spawnSync(process.execPath, [join(project, "program.ts")], { encoding: "utf8" })
    expect(ran.stdout).toBe("4.76 0.200000000000\n")
  })

  it("does not compile with a field that is no input", () => {
    write(program.replace("rate:", "interest:"))
    const compiled = compile()
    expect(compiled.status).not.toBe(0)
    expect(compiled.stdout).toContain("interest")
  })

  it("loads neither the desk nor a file of its own", () => {
    const loaded = spawnSync(
      process.execPath,
      [
        "-e",
        `import("plimsoll/options").then((it) => console.log(Object.keys(it).includes("BlackScholes")))`
      ],
      { cwd: project, encoding: "utf8" }
    )
    expect(loaded.stdout).toBe("true\n")
  })
})
