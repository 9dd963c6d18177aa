import { fileURLToPath } from "node:url"
import { expect, it } from "@effect/vitest"
import { rolldown } from "rolldown"
import { withEagerFunctions } from "../../../../scripts/eagerFunctions.ts"
import { pureCalls } from "../../../../scripts/pureCalls.ts"

const root = fileURLToPath(new URL("../../../../", import.meta.url))

/** The hook's own bundle, made as the build makes it. */
const bundle = async () => {
  const built = await rolldown({
    input: `${root}src/programs/hooks/risk-validator/main.ts`,
    cwd: root,
    platform: "node",
    external: [/^node:/u, /\/slow\.ts$/u],
    plugins: [pureCalls((path) => path.startsWith(`${root}src`))],
    tsconfig: false,
    treeshake: { propertyReadSideEffects: false }
  })
  const { output } = await built.generate({ format: "cjs", minify: true })
  await built.close()
  return output[0]
}

it("the bundle that starts has nothing of the schema library, and loads neither node:crypto nor node:zlib at once", async () => {
  const { code, modules } = await bundle()
  const heavy = Object.entries(modules).filter(
    ([path, { renderedLength }]) => path.includes("node_modules/effect") && renderedLength > 0
  )
  expect(heavy.map(([path]) => path)).toStrictEqual([])
  const loaded = [...code.matchAll(/require\(["'`](node:[^"'`]+)/gu)].map(([, name]) => name)
  expect(loaded.toSorted()).toStrictEqual(["node:fs", "node:path", "node:sqlite", "node:url"])
})

it("functions in parentheses are the same program", () => {
  const program = `
    const twice = (f) => (x) => f(f(x))
    const add = function (n) { return (m) => n + m }
    class Box { constructor(v) { this.v = v } get it() { return this.v } map = (f) => new Box(f(this.v)) }
    const kit = { run(x) { return [x].map((y) => y * 2)[0] }, async later() { return 1 }, get g() { return 7 } }
    ;(() => { kit.set = true })()
    return [twice(add(3))(1), new Box(2).map((v) => v + kit.run(v)).it, kit.g, kit.set, add.name, twice.name]
  `
  const run = (code: string): unknown => new Function(code)()
  const marked = withEagerFunctions(`function program() {${program}}`)
  expect(run(`${marked}; return program()`)).toStrictEqual(run(program))
  expect(marked).toContain("twice = ((f) => ((x) => f(f(x))))")
})
