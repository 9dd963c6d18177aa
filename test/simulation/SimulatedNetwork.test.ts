/** The line does what it says: what arrives is done, whether or not its answer comes back. */
import { Effect, Exit, type Fiber } from "effect"
import { describe, expect, it } from "vitest"
import { makeChance } from "./Chance.ts"
import { SimulatedNetwork, type Weather } from "./SimulatedNetwork.ts"

const always: Weather = {
  name: "always under choice",
  disturbed: 1000,
  deliver: 1,
  twice: 0,
  lose: 0,
  giveUp: 0,
  loseAnswer: 0
}

/** One call in this weather: how often the venue did it, and what the caller heard once nothing moves any more. */
const oneCall = (weather: Partial<Weather>, isAlive = true) => {
  const network = new SimulatedNetwork(makeChance(1), () => {})
  network.weather = { ...always, ...weather }
  let done = 0
  const fiber: Fiber.Fiber<string, unknown> = Effect.runFork(
    network.call({ name: "p", isAlive }, "send", () => {
      done += 1
      return Exit.succeed("taken")
    })
  )
  for (let steps = 0; network.isBusy && steps < 100; steps++) network.step()
  const heard = fiber.pollUnsafe()
  return { done, heard: heard === undefined ? "nothing" : Exit.isSuccess(heard) ? heard.value : "no answer" }
}

describe("a request on the simulated line", () => {
  it("is done and answered when nothing happens to it", () => {
    expect(oneCall({})).toEqual({ done: 1, heard: "taken" })
    expect(oneCall({ disturbed: 0 })).toEqual({ done: 1, heard: "taken" })
  })

  it("is done though its answer is lost", () => {
    expect(oneCall({ loseAnswer: 1000 })).toEqual({ done: 1, heard: "no answer" })
  })

  it("is not done when it is lost", () => {
    expect(oneCall({ deliver: 0, lose: 1 })).toEqual({ done: 0, heard: "no answer" })
  })

  it("is done after its sender gave up", () => {
    expect(oneCall({ deliver: 0, giveUp: 1 })).toEqual({ done: 1, heard: "no answer" })
  })

  it("is done, and answered to nobody, when its sender has died", () => {
    expect(oneCall({}, false)).toEqual({ done: 1, heard: "nothing" })
  })
})
