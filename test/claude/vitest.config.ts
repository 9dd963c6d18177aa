/** Scenarios through the real Claude Code client: `npm run test:claude`. They are no part of `npm test`. */
import { join } from "node:path"
import { defineConfig } from "vitest/config"

const root = join(import.meta.dirname, "../..")

export default defineConfig({
  root,
  test: {
    include: ["test/claude/**/*.claude.ts"],
    pool: "forks",
    // A client is a process of some weight: one a core.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    allowOnly: process.env["CI"] !== "true",
    reporters: ["default", "./test/support/SkipReporter.ts", ["json", { outputFile: "coverage/claude.json" }]]
  }
})
