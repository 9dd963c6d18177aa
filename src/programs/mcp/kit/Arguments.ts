/** A tool's arguments: strictly decoded, and each thing that is wrong with them is one line. */
import { Result, Schema, SchemaIssue, SchemaParser } from "effect"
import { nearest } from "../../../domain/Nearest.ts"
import { fromWire, isRecord, snakeCase } from "./Wire.ts"
import type { ObjectSchema } from "./WireSchema.ts"

/** The arguments are not what the tool takes; `problems` has a line for each thing that is wrong. */
export class ArgumentsInvalid extends Schema.TaggedError<ArgumentsInvalid>()("ArgumentsInvalid", {
  tool: Schema.String,
  problems: Schema.Array(Schema.String),
  message: Schema.String
}) {}

/** What is told of a name or a line that somebody else wrote. */
const MAX_TOLD = 200
const MAX_PROBLEMS = 10

const told = (text: string): string => (text.length > MAX_TOLD ? `${text.slice(0, MAX_TOLD)}…` : text)

const childOf = (schema: unknown, name: string): unknown => {
  if (!isRecord(schema)) return undefined
  const { properties } = schema
  return isRecord(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined
}

/** Arguments that the schema does not know, each with the name that was probably meant. */
const unknownNames = (value: unknown, schema: unknown, path: string): ReadonlyArray<string> => {
  if (Array.isArray(value)) {
    const items = isRecord(schema) ? schema["items"] : undefined
    return value.flatMap((item, index) => unknownNames(item, items, `${path}[${index}]`))
  }
  if (!isRecord(value) || !isRecord(schema) || !isRecord(schema["properties"])) return []
  const known = Object.keys(schema["properties"])
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = path === "" ? name : `${path}.${name}`
    const child = childOf(schema, name)
    if (child !== undefined) return unknownNames(inner, child, at)
    const [meant] = nearest(snakeCase(name), known, 1)
    return [
      `${told(at)}: no such argument${meant === undefined ? "; there are none" : `; did you mean ${meant}?`}`
    ]
  })
}

/** Texts with half a character, which neither the journal nor the audit log can hold. */
const brokenTexts = (value: unknown, path: string): ReadonlyArray<string> => {
  if (typeof value === "string") {
    return /\p{Surrogate}/u.test(value) ? [`${path}: expected whole characters, and it has half of one`] : []
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => brokenTexts(item, `${path}[${index}]`))
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    brokenTexts(inner, path === "" ? name : `${path}.${name}`)
  )
}

const formatIssue = SchemaIssue.makeFormatterStandardSchemaV1()

const pathOf = (path: ReadonlyArray<unknown> | undefined): string =>
  (path ?? [])
    .map((part) => String(isRecord(part) ? part["key"] : part))
    .map(snakeCase)
    .join(".")

const problemOf = (path: string, message: string): string => {
  const [line = message] = message.split("\n")
  if (line === "Missing key") return `${path}: missing`
  return told(`${path === "" ? "" : `${path}: `}${line.replace(/^Expected/u, "expected")}`)
}

/** Decodes arguments as they came over the wire; every problem at once, up to ten. */
export const argumentsDecoder = <S extends Schema.ConstraintDecoder<unknown>>(
  tool: string,
  schema: S,
  wire: () => ObjectSchema
) => {
  const decode = SchemaParser.decodeUnknownResult(Schema.toCodecJson(schema), {
    onExcessProperty: "error",
    errors: "all"
  })
  const invalid = (problems: ReadonlyArray<string>) =>
    new ArgumentsInvalid({
      tool,
      problems: problems.slice(0, MAX_PROBLEMS),
      message: [
        `${tool} was not called: its arguments are not what it takes.`,
        ...problems.slice(0, MAX_PROBLEMS).map((problem) => `- ${problem}`),
        `It takes: ${Object.keys(wire().properties).join(", ") || "nothing"}.`
      ].join("\n")
    })
  return (input: unknown): Result.Result<S["Type"], ArgumentsInvalid> => {
    if (!isRecord(input)) return Result.fail(invalid(["expected an object of arguments"]))
    const unknown = unknownNames(input, wire(), "")
    if (unknown.length > 0) return Result.fail(invalid(unknown))
    const broken = brokenTexts(input, "")
    if (broken.length > 0) return Result.fail(invalid(broken))
    return Result.mapError(decode(fromWire(input)), (issue) =>
      invalid(formatIssue(issue).issues.map(({ message, path }) => problemOf(pathOf(path), message)))
    )
  }
}
