import { defineConfig } from "vitest/config"

const ci = process.env["CI"] === "true"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Two cores are the machine to be good on: one file a core, each in a process of its own,
    // because tests open databases and kill processes.
    pool: "forks",
    maxWorkers: 2,
    // For what hangs, not for what is slow on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: [
      "default",
      "./test/support/SkipReporter.ts",
      // .ci/run counts from this file.
      ...(ci ? [["json", { outputFile: "coverage/results.json" }] satisfies [string, object]] : [])
    ],
    // A test left focused by accident must not make the rest pass unseen.
    allowOnly: !ci,
    typecheck: {
      enabled: true,
      include: ["test/types/**/*.test-d.ts"],
      tsconfig: "test/types/tsconfig.json"
    },
    coverage: {
      enabled: false,
      provider: "v8",
      reportsDirectory: "coverage",
      reporter: ["text-summary", "json-summary", "html"],
      include: ["src/**/*.ts"],
      // Entries that only start a process: tests run them as processes, where v8 does not look.
      exclude: ["src/programs/**/main.ts"],
      thresholds: { lines: 85 }
    }
  }
})
