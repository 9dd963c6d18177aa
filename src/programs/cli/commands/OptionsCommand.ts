/** `plimsoll options`: pricing, implied volatility, Greeks, surfaces and scenarios. */
import { Command } from "effect/cli"
import { documented } from "../CommandKit.ts"
import { chainCommand } from "./options/ChainCommand.ts"
import { greeksCommand } from "./options/GreeksCommand.ts"
import { ivCommand } from "./options/IvCommand.ts"
import { priceCommand } from "./options/PriceCommand.ts"
import { scenarioCommand } from "./options/ScenarioCommand.ts"
import { surfaceCommands } from "./options/SurfaceCommands.ts"

export const optionsCommand = Command.make("options").pipe(
  documented(
    "Option analytics: one option from flags, a file of them, or a chain of the market. Rates, yields and volatilities are per year and per 1.00.",
    [
      "options price --type C --spot 100 --strike 105 --days 30 --rate 0.05 --volatility 0.2",
      "what an option is worth"
    ],
    ["options iv --input quotes.csv --output volatilities.csv", "a file of prices"],
    ["options chain AAPL", "what the desk's market quotes"]
  ),
  Command.withSubcommands([
    priceCommand,
    ivCommand,
    greeksCommand,
    chainCommand,
    ...surfaceCommands,
    scenarioCommand
  ])
)
