/**
 * The line between the desk's processes and the venue.
 *
 * A call is a message under way: the simulator chooses which message moves
 * next, so they overtake each other; it may lose the request or the answer,
 * deliver a request long after its sender gave up waiting, or twice. A question
 * is answered as things are when it arrives, and the answer may be late.
 */
import { Effect, type Exit } from "effect"
import { VenueUnanswered } from "../../src/execution/Venue.ts"
import type { Chance } from "./Chance.ts"

/** Who sends: once dead, no answer is for it any more. */
export interface Sender {
  readonly name: string
  readonly isAlive: boolean
}

/** How often of a thousand things go wrong; a message that nothing happens to is answered at once. */
export interface Weather {
  readonly name: string
  /** Messages that come under the simulator's choice at all. */
  readonly disturbed: number
  /** Of those under choice, weights of what becomes of a request … */
  readonly deliver: number
  readonly twice: number
  readonly lose: number
  readonly giveUp: number
  /** … and how often of a thousand an answer is lost. */
  readonly loseAnswer: number
}

export const calm: Weather = {
  name: "calm",
  disturbed: 0,
  deliver: 1,
  twice: 0,
  lose: 0,
  giveUp: 0,
  loseAnswer: 0
}
export const weathers: readonly [Weather, ...ReadonlyArray<Weather>] = [
  calm,
  { name: "slow", disturbed: 600, deliver: 20, twice: 1, lose: 0, giveUp: 1, loseAnswer: 20 },
  { name: "rough", disturbed: 500, deliver: 6, twice: 1, lose: 2, giveUp: 2, loseAnswer: 200 },
  { name: "losing answers", disturbed: 400, deliver: 10, twice: 1, lose: 0, giveUp: 1, loseAnswer: 600 },
  { name: "late", disturbed: 800, deliver: 3, twice: 1, lose: 0, giveUp: 4, loseAnswer: 50 },
  { name: "cut", disturbed: 1000, deliver: 0, twice: 0, lose: 1, giveUp: 0, loseAnswer: 0 }
]

/** Decided when the request arrives, whether or not anybody will hear of it. */
export type Answer<A> = Exit.Exit<A, VenueUnanswered>

interface Message {
  readonly sender: Sender
  readonly what: string
  /** Does it at the venue; what it gives hands the answer to whoever waits. */
  readonly deliver: () => () => void
  /** Tells whoever waits that no answer came. */
  readonly giveUp: () => void
  /** Somebody still waits for the answer. */
  isAwaited: boolean
  /** Delivered: the answer is under way. */
  answer: (() => void) | undefined
}

export class SimulatedNetwork {
  private readonly chance: Chance
  private readonly say: (line: string) => void
  private messages: Array<Message> = []
  weather: Weather = calm

  constructor(chance: Chance, say: (line: string) => void) {
    this.chance = chance
    this.say = say
  }

  get isBusy(): boolean {
    return this.messages.length > 0
  }

  /** Sends a request, which is `perform` at the venue. */
  call<A>(sender: Sender, what: string, perform: () => Answer<A>): Effect.Effect<A, VenueUnanswered> {
    return Effect.suspend(() => {
      if (!this.chance.permille(this.weather.disturbed)) {
        this.say(`${sender.name} ⇄ ${what}`)
        return perform()
      }
      return Effect.callback<A, VenueUnanswered>((resume) => {
        this.say(`${sender.name} → ${what}`)
        const operation = what.split(" ", 1)[0] ?? what
        this.messages.push({
          sender,
          what,
          deliver: () => {
            const answer = perform()
            return () => resume(answer)
          },
          giveUp: () =>
            resume(
              Effect.fail(
                new VenueUnanswered({
                  venue: "simulated",
                  operation,
                  message: `${operation}: no answer came`
                })
              )
            ),
          isAwaited: true,
          answer: undefined
        })
      })
    })
  }

  private end(message: Message): void {
    this.messages = this.messages.filter((other) => other !== message)
  }

  private tell(message: Message, how: string, then: () => void): void {
    this.say(`  ${message.sender.name} ${how} ${message.what}`)
    if (!message.isAwaited || !message.sender.isAlive) return
    message.isAwaited = false
    then()
  }

  /** One message goes one step. */
  step(): void {
    const [first, ...others] = this.messages
    if (first === undefined) return
    const message = this.chance.pick([first, ...others])
    const { answer } = message
    if (answer !== undefined) {
      this.end(message)
      if (this.chance.permille(this.weather.loseAnswer)) this.tell(message, "✗ answer of", message.giveUp)
      else this.tell(message, "← ", answer)
      return
    }
    const { deliver, giveUp, lose, twice } = this.weather
    const isAwaited = message.isAwaited && message.sender.isAlive
    const step = this.chance.weighted([
      [deliver, "deliver"],
      [twice, "twice"],
      [lose, "lose"],
      [isAwaited ? giveUp : 0, "give up"]
    ] as const)
    switch (step ?? "deliver") {
      case "twice":
        this.messages.push({ ...message, isAwaited: false })
        this.say(`  ${message.sender.name} ⇉ ${message.what}`)
        message.answer = message.deliver()
        return
      case "lose":
        this.end(message)
        this.tell(message, "✗", message.giveUp)
        return
      case "give up":
        this.tell(message, "… no answer yet, gives up on", message.giveUp)
        return
      case "deliver":
        this.say(`  ${message.sender.name} ⇢ ${message.what}`)
        message.answer = message.deliver()
        if (!message.isAwaited) this.end(message)
    }
  }
}
