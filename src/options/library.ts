/** What `import … from "plimsoll/options"` gives: the options library, a namespace to a file. */
export * as Greeks from "./Greeks.ts"
export * as OptionInputs from "./OptionInputs.ts"
