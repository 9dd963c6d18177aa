/**
 * For programs that have to start at once: every function is compiled when its module is loaded, and so is in the
 * compile cache.
 *
 * V8 compiles most functions when they are first called, and Node keeps in its compile cache what was compiled when the
 * module was loaded. A program that runs once pays for each of its functions then, however often it was started before.
 * A function in parentheses V8 takes for one that is called at once, and compiles at once.
 */
import type { Plugin } from "rolldown"
import { parseSync } from "rolldown/experimental"

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" &&
  value !== null &&
  "type" in value &&
  typeof value.type === "string" &&
  "start" in value &&
  typeof value.start === "number" &&
  "end" in value &&
  typeof value.end === "number"

/** A method's function cannot stand in parentheses. */
const isMethod = (node: Node): boolean =>
  node.type === "MethodDefinition" ||
  (node.type === "Property" &&
    (("method" in node && node.method === true) || ("kind" in node && node.kind !== "init")))

const isFunction = ({ type }: Node): boolean =>
  type === "ArrowFunctionExpression" || type === "FunctionExpression"

interface Mark {
  readonly at: number
  readonly sign: "(" | ")"
}

const marksIn = (value: unknown, parent: Node | undefined, found: Array<Mark>): void => {
  if (Array.isArray(value)) {
    for (const item of value) marksIn(item, parent, found)
    return
  }
  if (!isNode(value)) return
  if (isFunction(value) && (parent === undefined || !isMethod(parent)))
    found.push({ at: value.start, sign: "(" }, { at: value.end, sign: ")" })
  for (const child of Object.values(value)) marksIn(child, value, found)
}

/** The same program with its functions in parentheses. */
export const withEagerFunctions = (code: string): string => {
  const { program } = parseSync("bundle.cjs", code, { sourceType: "script" })
  const marks: Array<Mark> = []
  marksIn(program, undefined, marks)
  let marked = ""
  let at = 0
  // Where one ends and another begins, the end comes first.
  for (const mark of marks.toSorted(
    (a, b) => a.at - b.at || (a.sign === b.sign ? 0 : a.sign === ")" ? -1 : 1)
  )) {
    marked += code.slice(at, mark.at) + mark.sign
    at = mark.at
  }
  return marked + code.slice(at)
}

/** Marks the functions of the finished bundles. */
export const eagerFunctions = (): Plugin => ({
  name: "eager-functions",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === "chunk") file.code = withEagerFunctions(file.code)
    }
  }
})
