/** `plimsoll doctor`. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { answer, documented, jsonFlag, style } from "../CommandKit.ts"
import { examine } from "../Doctor.ts"
import type { Finding } from "../Finding.ts"
import { exitCodes, Told } from "../Failures.ts"
import { counted, table } from "../Format.ts"
import { holder, surroundings } from "../Surroundings.ts"

const findingJson = ({ latencyMillis, ...finding }: Finding) =>
  latencyMillis === undefined ? finding : { ...finding, latency_ms: latencyMillis }

export const doctorCommand = Command.make(
  "doctor",
  { json: jsonFlag },
  Effect.fn("DoctorCommand")(function* ({ json }) {
    const findings = yield* examine(surroundings().folder, holder(), process.env)
    const bad = findings.filter((finding) => !finding.ok)
    const { green, red } = style()
    yield* answer(json, { ok: bad.length === 0, findings: findings.map(findingJson) }, [
      ...table(
        findings.map(({ check, detail, ok }) => [
          ok ? green("ok") : red("failed"),
          check,
          detail.split("\n")[0] ?? ""
        ])
      ).flatMap((line, index) => {
        const remedy = findings[index]?.remedy ?? ""
        return remedy === "" ? [line] : [line, `        to do: ${remedy}`]
      }),
      bad.length === 0 ? "The desk is fit to trade." : `${counted(bad.length, "check")} failed.`
    ])
    if (bad.length > 0) return yield* new Told({ exitCode: exitCodes.failed })
  })
).pipe(
  documented(
    "Is the desk fit to trade? Node, calendar, storage, configuration, the database and its journal, market, limits, the audit log, an order that must be denied, and, where Claude Code is configured, its hooks and servers: each started, and how fast it answers. Exit code 1 when one of them fails.",
    ["doctor", "each check, and what to do"],
    ["doctor --json", "for machines"]
  )
)
