/** The standing instruction a person gives a run beforehand: when it may resume after a drawdown. */
import { Effect, Schema, SchemaGetter, SchemaIssue } from "effect"

/** Never: a person resumes. Sessions: at the open of the `count`-th session after the trip. */
export const ResumePolicy = Schema.TaggedUnion({
  Never: {},
  Sessions: { count: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))) }
})
export type ResumePolicy = typeof ResumePolicy.Type

const pattern = /^sessions:(\d{1,5})$/u

const parse = (text: string): Effect.Effect<ResumePolicy, SchemaIssue.Issue> => {
  if (text === "never") return Effect.succeed({ _tag: "Never" })
  const count = Number(pattern.exec(text)?.[1])
  return count >= 1 && count <= 10_000
    ? Effect.succeed({ _tag: "Sessions", count })
    : Effect.fail(
        new SchemaIssue.InvalidValue({
          message: `expected "never", or "sessions:N" with N from 1 to 10000, such as "sessions:20"`
        })
      )
}

/** "never" or "sessions:N". */
export const formatResumePolicy = (policy: ResumePolicy): string =>
  policy._tag === "Never" ? "never" : `sessions:${policy.count}`

/** "never" or "sessions:N", as `--resume-policy` takes it. */
export const ResumePolicyFromText = Schema.String.pipe(
  Schema.decodeTo(Schema.toType(ResumePolicy), {
    decode: SchemaGetter.transformEffect(parse),
    encode: SchemaGetter.transform(formatResumePolicy)
  })
)
