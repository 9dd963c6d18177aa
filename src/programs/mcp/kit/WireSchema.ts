/** JSON Schemas of what goes over the wire, made from the Schemas that decode and encode it. */
import { Schema, SchemaAST } from "effect"
import { isRecord, snakeCase } from "./Wire.ts"

/** An object's JSON Schema, as the protocol wants a tool's input and output. */
export interface ObjectSchema {
  readonly type: "object"
  readonly properties: Readonly<Record<string, object>>
  readonly required: ReadonlyArray<string>
  readonly additionalProperties: false
  readonly [other: string]: unknown
}

/** That an integer is a safe one goes without saying. */
const isSafeBound = (key: string, value: unknown): boolean =>
  (key === "minimum" && value === Number.MIN_SAFE_INTEGER) ||
  (key === "maximum" && value === Number.MAX_SAFE_INTEGER)

/** What checks say of a value stands in parts beside it: where the parts say different things, they are one. */
const flattened = (schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { allOf, ...base } = schema
  if (!Array.isArray(allOf)) return schema
  const parts: ReadonlyArray<unknown> = allOf
  const keys = [...Object.keys(base), ...parts.flatMap((part) => (isRecord(part) ? Object.keys(part) : []))]
  return parts.every(isRecord) && new Set(keys).size === keys.length
    ? Object.assign({}, base, ...parts)
    : schema
}

/** Renames the properties; a definition that is referred to is put in its place. */
const renamed = (schema: unknown, definitions: Readonly<Record<string, unknown>>): unknown => {
  if (Array.isArray(schema)) return schema.map((part) => renamed(part, definitions))
  if (!isRecord(schema)) return schema
  const { $ref: reference } = schema
  if (typeof reference === "string") {
    return renamed(definitions[reference.slice(reference.lastIndexOf("/") + 1)], definitions)
  }
  return Object.fromEntries(
    Object.entries(flattened(schema)).flatMap(([key, value]) => {
      if (isSafeBound(key, value)) return []
      if (key === "properties" && isRecord(value)) {
        const properties = Object.entries(value).map(([name, inner]): [string, unknown] => [
          snakeCase(name),
          renamed(inner, definitions)
        ])
        return [[key, Object.fromEntries(properties)]]
      }
      if (key === "required" && Array.isArray(value))
        return [[key, value.map((name) => snakeCase(String(name)))]]
      return [[key, renamed(value, definitions)]]
    })
  )
}

const isObjectSchema = (value: unknown): value is ObjectSchema =>
  isRecord(value) && value["type"] === "object" && value["additionalProperties"] === false

/** An argument that is decoded into something else is described by what it becomes. */
const describedFields = (schema: Schema.Constraint): ReadonlyMap<string, string> => {
  const fields = "fields" in schema && isRecord(schema.fields) ? Object.entries(schema.fields) : []
  return new Map(
    fields.flatMap(([name, field]) => {
      const description = Schema.isSchema(field) ? SchemaAST.resolveDescription(field.ast) : undefined
      return description === undefined ? [] : [[snakeCase(name), description] as const]
    })
  )
}

const withDescriptions = (object: ObjectSchema, descriptions: ReadonlyMap<string, string>): ObjectSchema => ({
  ...object,
  properties: Object.fromEntries(
    Object.entries(object.properties).map(([name, property]) => {
      const description = descriptions.get(name)
      return [name, description === undefined ? property : { ...property, description }]
    })
  )
})

/** The JSON Schema of a struct's encoded side, with the wire's names. Anything but a struct is a bug in the tool. */
export const wireSchemaOf = (schema: Schema.Constraint): ObjectSchema => {
  const { definitions, schema: document } = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  const found = renamed(document, definitions)
  if (!isRecord(found)) throw new TypeError("a tool's schema must be a struct")
  const none = { type: "object", properties: {}, required: [], additionalProperties: false }
  // A struct without fields is told as "anything but null": here it is an object without any.
  const object = Object.hasOwn(found, "not") ? none : { properties: {}, required: [], ...found }
  if (!isObjectSchema(object)) throw new TypeError("a tool's schema must be a struct")
  return withDescriptions(object, describedFields(schema))
}
