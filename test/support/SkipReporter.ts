/**
 * Prints one line for each reason tests were skipped for, and fails the run when `CI` is `true`: there,
 * everything a test may want is present, so a skipped test is a hole in the evidence.
 */
import type { Reporter, TestModule, Vitest } from "vitest/node"

/** The reason, from `context.skip("no Redis")` or from a name that ends in `[skipped: no Redis]`. */
const reasonOf = (name: string, note: string | undefined): string => {
  if (note !== undefined && note !== "") return note.replace(/^skipped: /u, "")
  const named = /\[skipped: (?<reason>[^\]]+)\]/u.exec(name)
  return named?.groups?.["reason"] ?? "no reason given"
}

export default class SkipReporter implements Reporter {
  private narrowed = false

  onInit(vitest: Vitest): void {
    this.narrowed = vitest.config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    // With -t the others are skipped on purpose.
    if (this.narrowed) return
    const counts = new Map<string, number>()
    for (const testModule of modules) {
      for (const test of testModule.children.allTests("skipped")) {
        const result = test.result()
        const reason = reasonOf(test.fullName, result.state === "skipped" ? result.note : undefined)
        counts.set(reason, (counts.get(reason) ?? 0) + 1)
      }
    }
    for (const [reason, count] of counts) {
      process.stdout.write(`skipped: ${reason} (${count} ${count === 1 ? "test" : "tests"})\n`)
    }
    if (counts.size > 0 && process.env["CI"] === "true") {
      process.stderr.write("A test was skipped, and CI=true allows none.\n")
      process.exitCode = 1
    }
  }
}
