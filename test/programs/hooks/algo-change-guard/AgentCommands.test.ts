/** The shell of an agent that is for one program. */
import { describe, expect, it } from "@effect/vitest"
import { refusedForAgent } from "../../../../src/programs/hooks/algo-change-guard/AgentCommands.ts"

describe("the shell of backtest-analyst", () => {
  it.each([
    "lean backtest algorithms/SmaCross",
    "  lean backtest 'My Project' --output out_2",
    "lean --version",
    "lean report --backtest-results a/b.json"
  ])("runs %s", (command) => {
    expect(refusedForAgent("backtest-analyst", command)).toBeUndefined()
    expect(refusedForAgent("plimsoll:backtest-analyst", command)).toBeUndefined()
  })

  it.each([
    "echo x > note.txt",
    "lean backtest X > out.txt",
    "lean backtest X | tee y",
    "lean backtest X; rm -rf y",
    "lean backtest X && rm y",
    "lean backtest $(rm y)",
    "lean backtest `rm y`",
    "lean backtest X &",
    "lean backtest X\nrm y",
    "lean backtest X\r\nrm y",
    "./lean backtest X",
    "/tmp/lean backtest X",
    "LEAN=1 lean backtest X",
    "bash -c 'lean backtest X'",
    "leaner backtest X",
    ""
  ])("does not run %j", (command) => {
    expect(refusedForAgent("backtest-analyst", command)).toContain("plain commands of lean")
  })

  it.each(["main", "strategy-dev", "constructor", "__proto__"])("is not that of %s", (agent) => {
    expect(refusedForAgent(agent, "echo x > note.txt")).toBeUndefined()
  })
})
