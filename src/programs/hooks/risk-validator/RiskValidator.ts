/**
 * Before a tool that orders runs: every rule on a snapshot of the desk. What
 * passes gets a permit for exactly this call, the only thing that is written;
 * what does not is denied with every rule that is against it. What cannot be
 * read is denied too.
 *
 * The broker evaluates every rule again, on the desk brought up to market time:
 * this is the second layer, in another process.
 */
import { argumentsHashOf } from "../../../execution/ArgumentsHash.ts"
import { DeskUnreadable, type MachineNow } from "../../../execution/DeskSnapshot.ts"
import type { Permit } from "../../../execution/Permit.ts"
import { limitsInForce } from "../../../risk/LimitsInForce.ts"
import { bootId } from "../../BootId.ts"
import { type DeskFolder, findDeskFolder } from "../../DeskFolder.ts"
import { allow, deny, type HookAnswer } from "../kit/Answer.ts"
import { deskTool, toolEvent, type ToolEvent } from "../kit/Event.ts"
import { type Hook, type HookSurroundings, Unusable } from "../kit/Hook.ts"
import { type DeskAccess, fileAccess } from "./DeskAccess.ts"
import { askedBy, judge, type LimitsHere } from "./Judge.ts"
import { limitsAsked } from "./LimitsAsked.ts"
import { type Terms, termsFrom } from "./ToolInput.ts"

interface OrderCall {
  readonly event: ToolEvent<"PreToolUse">
  readonly tool: Terms["tool"]
}

/** What needs the schema library, or a server: loaded when it is needed. */
const slowly = () => import("./slow.ts")

const machineNow = (): MachineNow => ({
  boot: bootId(),
  monotonicMicros: Number(process.hrtime.bigint() / 1000n)
})

const isOrderTool = (tool: string): tool is Terms["tool"] =>
  tool === "place_order" || tool === "replace_order" || tool === "close_position"

/** The limits in force, the tighter of the accepted ones and the file's. */
const limitsHere = async (
  folder: DeskFolder,
  sealed: Parameters<typeof limitsInForce>[0]
): Promise<LimitsHere> => {
  const asked = limitsAsked(folder)
  const candidate: LimitsHere =
    asked === undefined ? await (await slowly()).limitsOfFile(folder) : { limits: asked }
  if ("problem" in candidate) return candidate
  const limits = limitsInForce(sealed, candidate.limits)
  return limits === undefined
    ? {
        problem:
          "the desk's accepted limits do not match the hash they were accepted with: no order is accepted until a person has looked at the limits and accepted them again"
      }
    : { limits }
}

const unreadable = ({ message }: DeskUnreadable): HookAnswer =>
  deny(`risk-validator cannot judge this order: ${message}. Nothing was sent.`)

/** The answer on an open desk. */
export const answerOn = async (
  desk: DeskAccess,
  folder: DeskFolder,
  { event, tool }: OrderCall,
  call: Terms
): Promise<HookAnswer> => {
  const reading = await desk.read(askedBy(call), machineNow())
  if (reading instanceof DeskUnreadable) return unreadable(reading)
  const judgement = judge(reading, await limitsHere(folder, reading.sealed), call)
  switch (judgement._tag) {
    case "Unfitting":
      return deny((await slowly()).whyUnfitting(call))
    case "Denied": {
      const { reason, unlessKnown } = judgement
      // An order that was asked for before is answered again and not sent again: that needs no permit.
      return unlessKnown !== undefined && (await desk.knows(unlessKnown())) ? allow : deny(reason)
    }
    case "Passed": {
      const permit: Permit = {
        callId: event.toolUseId,
        tool,
        argumentsHash: argumentsHashOf(tool, event.toolInput),
        ...(judgement.quoteId === undefined ? {} : { quoteId: judgement.quoteId }),
        agent: event.agent,
        sessionId: event.sessionId,
        steadyAt: reading.moment.steadyNow
      }
      const problem = await desk.leave(permit)
      return problem === undefined ? allow : unreadable(problem)
    }
  }
}

const run = async (asked: OrderCall, { environment, project }: HookSurroundings): Promise<HookAnswer> => {
  const { event, tool } = asked
  const fast = termsFrom(tool, event.toolInput)
  const call = fast === undefined ? (await slowly()).termsBySchema(tool, event.toolInput) : fast
  if ("problem" in call) return deny(call.problem)
  const folder = findDeskFolder(project, environment["PLIMSOLL_HOME"])
  const url = environment["PLIMSOLL_DATABASE_URL"] ?? ""
  if (url !== "") {
    return (await slowly()).onServer(folder, url, {
      answer: (desk) => answerOn(desk, folder, asked, call),
      unreadable
    })
  }
  const desk = fileAccess(folder)
  return desk instanceof DeskUnreadable ? unreadable(desk) : answerOn(desk, folder, asked, call)
}

export const riskValidator: Hook<OrderCall> = {
  name: "risk-validator",
  guarding: true,
  input: (json) => {
    const event = toolEvent(json, ["PreToolUse"])
    if (event instanceof Unusable) return event
    const { server, tool } = deskTool(event.toolName) ?? {}
    return server === "broker" && tool !== undefined && isOrderTool(tool)
      ? { event, tool }
      : new Unusable(`it judges the broker's tools that order, and this is ${event.toolName}.`)
  },
  run
}
