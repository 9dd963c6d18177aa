import { defineConfig } from "vitest/config"

const ci = process.env["CI"] === "true"

/**
 * Tests that spend their time in properties, simulations and processes. V8's counters would make them half as slow
 * again and see no line that the others have not seen: `npm test` runs them by themselves, without.
 */
const uncounted = [
  "test/simulation/**/*.test.ts",
  "test/processes/**/*.test.ts",
  "test/e2e/**/*.test.ts",
  "test/storage/DeskSnapshot.test.ts",
  "test/execution/paper/*Model.test.ts",
  "test/options/AndersenLakeOffengenden.test.ts",
  "test/options/*.properties.test.ts",
  "test/risk/options/WorstCase*.test.ts",
  "test/portfolio/OptionBooks.test.ts",
  "test/programs/StorageCopy.test.ts",
  "test/programs/mcp/Backtest.test.ts",
  "test/programs/mcp/Processes.test.ts",
  "test/programs/mcp/PortfolioBounds.test.ts",
  "test/programs/claude/Doctor.test.ts",
  "test/programs/cli/BacktestProcess.test.ts",
  "test/programs/hooks/risk-validator/RiskValidator.test.ts",
  "test/programs/hooks/kit/RunHook.test.ts",
  "test/programs/hooks/load-context/LoadContext.test.ts",
  "test/programs/backtest/worker*.test.ts",
  "test/backtest/engine/Gliding.test.ts",
  "test/backtest/engine/Engine.test.ts",
  "test/session/Run.test.ts"
]

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "counted",
          include: ["test/**/*.test.ts"],
          exclude: uncounted,
          typecheck: {
            enabled: true,
            include: ["test/types/**/*.test-d.ts"],
            tsconfig: "test/types/tsconfig.json"
          }
        }
      },
      { extends: true, test: { name: "uncounted", include: uncounted } }
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
      ...(ci
        ? [
            [
              "json",
              {
                outputFile: process.argv.includes("uncounted")
                  ? "coverage/uncounted.json"
                  : "coverage/results.json"
              }
            ] satisfies [string, object]
          ]
        : [])
    ],
    // A test left focused by accident must not make the rest pass unseen.
    allowOnly: !ci,
    coverage: {
      enabled: false,
      provider: "v8",
      reportsDirectory: "coverage",
      // The counts of both halves are in its folder.
      clean: false,
      reporter: ["text-summary", "json-summary", "html"],
      include: ["src/**/*.ts"],
      // Entries that only start a process: tests run them as processes, where v8 does not look.
      exclude: ["src/programs/**/main.ts"],
      thresholds: { lines: 85 }
    }
  }
})
