/** `plimsoll limits`: what every order is held against, and a person's word on looser ones. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Account } from "../../../execution/Account.ts"
import { DeskView } from "../../../execution/DeskView.ts"
import { answer, documented, errorStyle, jsonFlag, onDesk, style } from "../CommandKit.ts"
import { counted } from "../Format.ts"
import { limitRows, limitsText } from "../LimitsText.ts"
import { Person } from "../Person.ts"
import { err } from "../Terminal.ts"

const show = Command.make("show", { json: jsonFlag }, ({ json }) =>
  onDesk(
    Effect.gen(function* () {
      const inForce = yield* (yield* DeskView).limits
      yield* answer(
        json,
        {
          profile: inForce.profile,
          hash: inForce.hash,
          candidate_hash: inForce.candidateHash,
          limits: limitRows(inForce).map(({ direction, field, file, inForce: value, sealed }) => ({
            field,
            in_force: value,
            sealed,
            file,
            direction
          }))
        },
        limitsText(inForce, style())
      )
    })
  )
).pipe(
  documented(
    "The limits in force, beside the sealed ones and what plimsoll.json asks for. Where the file is tighter it holds at once; where it is looser the sealed value holds until a person accepts it.",
    ["limits show", "with arrows where they differ"]
  )
)

const accept = Command.make("accept", { json: jsonFlag }, ({ json }) =>
  onDesk(
    Effect.gen(function* () {
      const before = yield* (yield* DeskView).limits
      const { candidateHash, differences } = before
      if (differences.length === 0) {
        return yield* answer(
          json,
          { accepted: false, hash: before.hash },
          "plimsoll.json asks for the limits that are sealed already: there is nothing to accept."
        )
      }
      const person = yield* Person
      if (person.isAtTerminal) for (const line of limitsText(before, errorStyle())) err(line)
      const actor = yield* person.proves("Accepting limits", "The sealed limits stay in force.")
      yield* (yield* Account).acceptLimits({ candidateHash, actor })
      const after = yield* (yield* DeskView).limits
      yield* answer(
        json,
        { accepted: true, profile: after.profile, hash: after.hash },
        `Accepted and sealed: ${counted(differences.length, "limit")} changed, the profile is "${after.profile}".`
      )
    })
  )
).pipe(
  documented(
    "Seal the limits plimsoll.json asks for. A person's act: at a terminal, by typing back a code.",
    ["limits accept", "shows what changes first"]
  )
)

export const limitsCommand = Command.make("limits").pipe(
  documented(
    "The limits every order is held against.",
    ["limits show", "in force, sealed, asked for"],
    ["limits accept", "a person's word on looser ones"]
  ),
  Command.withSubcommands([show, accept])
)
