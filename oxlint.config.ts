import { defineConfig, type OxlintOverride } from "oxlint"

/**
 * The tiers of docs/architecture.md, lowest first. A folder imports from itself and from lower tiers only;
 * folders of one tier do not know each other.
 */
const tiers: ReadonlyArray<ReadonlyArray<string>> = [
  ["domain"],
  ["options"],
  ["market"],
  ["portfolio"],
  ["audit", "telemetry"],
  ["risk"],
  ["execution"],
  ["session"],
  ["backtest"],
  ["compliance"],
  ["agents"],
  ["programs"]
]

/** Implementations of stores that the tiers declare: programs choose them, nothing else imports them. */
const backends = ["storage", "redis"]

interface Restriction {
  readonly regex: string
  readonly message: string
  readonly allowTypeImports?: boolean
}

/** A relative import of `path`, from whatever depth. */
const relativeTo = (path: string): string => String.raw`^\.{1,2}/(?:[^/]+/)*${path}`

const everywhere: ReadonlyArray<Restriction> = [
  {
    regex: relativeTo(String.raw`index(?:\.[a-z]+)?$`),
    message: "No barrel files: import the file that holds the thing."
  },
  {
    regex: String.raw`^(?:\.{1,2}/)+(?:test|bench|soak|scripts|dist)/`,
    message: "The program does not depend on its tests, benches, soaks, scripts or build."
  }
]

const notFolder = (folder: string, importer: string): Restriction => ({
  regex: relativeTo(`${folder}/`),
  message: backends.includes(folder)
    ? `Only programs choose a backend: ${importer} declares a store and takes it as a requirement.`
    : `${importer} may not import ${folder}: imports go to lower tiers only.`
})

/** The port to the market. Past `Broker` there is no other way to it. */
const noVenue: ReadonlyArray<Restriction> = ["Venue", "paper/PaperVenue"].map((module) => ({
  regex: relativeTo(String.raw`execution/${module}(?:\.[a-z]+)?$`),
  message: "The venue is behind the broker: take Broker, or Desk.layerPaper where layers are composed."
}))

const noLiveAuthority: Restriction = {
  regex: relativeTo(String.raw`execution/LiveTradingAuthority(?:\.[a-z]+)?$`),
  message: "Only src/programs/live may build the authority to trade live.",
  // Naming the requirement is harmless; building it is not.
  allowTypeImports: true
}

const restrict = (files: string, patterns: ReadonlyArray<Restriction>): OxlintOverride => ({
  files: [files],
  rules: { "no-restricted-imports": ["error", { patterns: [...everywhere, ...patterns] }] }
})

const tierRules = tiers.flatMap((tier, level) =>
  tier.map((folder) => {
    const siblings = tier.filter((other) => other !== folder)
    const higher = tiers.slice(level + 1).flat()
    const forbidden = [...siblings, ...higher, ...(folder === "programs" ? [] : backends)]
    const aboveExecution = level > tiers.findIndex((names) => names.includes("execution"))
    return restrict(`src/${folder}/**`, [
      ...forbidden.map((name) => notFolder(name, folder)),
      ...(aboveExecution ? [...noVenue, noLiveAuthority] : [])
    ])
  })
)

const backendRules = backends.map((folder) =>
  restrict(`src/${folder}/**`, [
    ...["programs", ...backends.filter((other) => other !== folder)].map((name) => notFolder(name, folder)),
    // The SQL journal stands beside the venue port; the message bus has no business with it.
    ...(folder === "storage" ? [] : noVenue),
    noLiveAuthority
  ])
)

/** What makes a result depend on the machine or the moment. `new Date()` is caught by the Effect diagnostics. */
const worldRules: OxlintOverride["rules"] = {
  "no-console": "error",
  "no-restricted-globals": ["error", { name: "fetch", message: "Use HttpClient from effect/http." }],
  "no-restricted-properties": [
    "error",
    { object: "process", property: "env", message: "Configuration is read once, in programs, with Config." },
    { object: "Date", property: "now", message: "Use MarketClock, or Clock for the computer's time." },
    { object: "performance", property: "now", message: "Use Clock." },
    { object: "Math", property: "random", message: "Draw from a seed; results must repeat." },
    { object: "globalThis", property: "fetch", message: "Use HttpClient from effect/http." },
    { object: "globalThis", property: "process", message: "Configuration is read once, in programs." }
  ]
}

export default defineConfig({
  plugins: ["eslint", "typescript", "unicorn", "oxc", "import"],
  categories: { correctness: "error", suspicious: "error" },
  // AssemblyScript is not TypeScript: its decorators and its casts are its own.
  ignorePatterns: ["node_modules", "dist", "coverage", "kernels/assembly"],
  rules: {
    "import/no-cycle": "error",
    "no-restricted-imports": ["error", { patterns: [...everywhere] }],
    "oxc/no-barrel-file": ["error", { threshold: 1 }],
    "typescript/ban-ts-comment": "error",
    "typescript/consistent-type-assertions": ["error", { assertionStyle: "never" }],
    "typescript/consistent-type-imports": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",

    // Effect's way of writing: a class and its companions share names, generators without a yield are programs.
    "no-shadow": "off",
    "no-underscore-dangle": "off",
    "require-yield": "off",
    // A helper beside its only use reads better than one carried to the top of the file.
    "unicorn/consistent-function-scoping": "off"
  },
  overrides: [
    { files: ["src/**"], rules: worldRules },
    {
      files: ["src/programs/**"],
      rules: { "no-restricted-globals": "off", "no-restricted-properties": "off" }
    },
    ...tierRules,
    ...backendRules,
    // What other programs import: a namespace to a file, as Effect's own entry, or the words a strategy is written with.
    {
      files: ["src/options/library.ts", "src/session/strategyLibrary.ts"],
      rules: { "oxc/no-barrel-file": "off" }
    },
    restrict("src/programs/live/**", noVenue),
    {
      files: ["test/**", "bench/**", "soak/**", "scripts/**", "*.config.ts"],
      rules: { "no-restricted-imports": "off" }
    }
  ]
})
