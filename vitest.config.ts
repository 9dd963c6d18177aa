import { defineConfig } from "vitest/config"

const ci = process.env["CI"] === "true"

/**
 * Tests of plain functions: many share a process, which loads the modules once. Whatever opens a database, starts
 * processes or changes the environment has a process of its own.
 */
const shared = [
  "test/domain/**/*.test.ts",
  "test/market/**/*.test.ts",
  "test/options/**/*.test.ts",
  "test/portfolio/**/*.test.ts",
  "test/risk/**/*.test.ts",
  "test/session/{report,strategies}/**/*.test.ts",
  "test/backtest/{engine,lean,report,robustness,statistics,vector}/**/*.test.ts",
  "test/execution/paper/**/*.test.ts"
]
/** The others among them: workers, and a module that is loaded without WebAssembly. */
const alone = ["test/options/BlackScholes{Fallback,Workers}.test.ts", "test/options/Library.test.ts"]

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "shared", include: shared, exclude: alone, isolate: false } },
      {
        extends: true,
        test: {
          name: "own",
          include: ["test/**/*.test.ts"],
          exclude: shared,
          typecheck: {
            enabled: true,
            include: ["test/types/**/*.test-d.ts"],
            tsconfig: "test/types/tsconfig.json"
          }
        }
      },
      { extends: true, test: { name: "alone", include: alone } }
    ],
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
      // .ci/run counts from these files.
      ...(ci ? [["json", { outputFile: "coverage/results.json" }] satisfies [string, object]] : [])
    ],
    // A test left focused by accident must not make the rest pass unseen.
    allowOnly: !ci,
    coverage: {
      enabled: false,
      provider: "v8",
      reportsDirectory: "coverage",
      // The counts of .ci/run are in its folder.
      clean: false,
      reporter: ["text-summary", "json-summary", "html"],
      include: ["src/**/*.ts"],
      // Entries that only start a process: tests run them as processes, where v8 does not look.
      exclude: ["src/programs/**/main.ts"],
      thresholds: { lines: 85 }
    }
  }
})
