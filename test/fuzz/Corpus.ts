/** Inputs that once went wrong, each with the sentence of what did; they are tried first, every time. */
import { readFileSync } from "node:fs"
import { Schema } from "effect"

const Text = Schema.Struct({ text: Schema.String })
const CommandCases = Schema.Array(
  Schema.Struct({
    was: Schema.NonEmptyString,
    args: Schema.Array(Schema.String),
    typed: Schema.optionalKey(Schema.Union([Schema.Literals(["the code", "nothing"]), Text]))
  })
)
const FormatCases = Schema.Array(
  Schema.Struct({
    was: Schema.NonEmptyString,
    /** A `Format`'s name. */
    format: Schema.NonEmptyString,
    /** The file's text. */
    text: Schema.String,
    /** "~" in the text stands for this, so often: what went wrong with a long file is kept short. */
    long: Schema.optionalKey(Schema.Struct({ unit: Schema.String, times: Schema.Int }))
  })
)

const read = <S extends Schema.Decoder<unknown>>(name: string, schema: S): S["Type"] =>
  Schema.decodeUnknownSync(schema)(
    JSON.parse(readFileSync(new URL(`corpus/${name}.json`, import.meta.url), "utf8"))
  )

export const commandCases = read("commands", CommandCases)

export const formatCases = read("formats", FormatCases).map(({ format, long, text, was }) => ({
  was,
  format,
  text: long === undefined ? text : text.replaceAll("~", long.unit.repeat(long.times))
}))
