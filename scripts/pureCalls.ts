/**
 * For programs that have to start at once: what a module makes when it is loaded and nobody uses is left out.
 *
 * A bundler keeps a call at the top of a module, because it might do something besides giving a value. In this project's
 * modules such calls make schemas, layers, services, tables and constants, and do nothing else. So each of them is marked as pure,
 * and the bundler leaves out those whose values are used nowhere. What is used stays, whatever it is.
 */
import type { Plugin } from "rolldown"

const MARK = "/* @__PURE__ */ "

interface Node {
  readonly type: string
  readonly start: number
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" &&
  value !== null &&
  "type" in value &&
  typeof value.type === "string" &&
  "start" in value &&
  typeof value.start === "number"

const isFunction = ({ type }: Node): boolean =>
  type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression"

const isCall = ({ type }: Node): boolean => type === "CallExpression" || type === "NewExpression"

/** Where calls begin that are made as the module is loaded. */
const callsIn = (value: unknown, found: Set<number>): void => {
  if (Array.isArray(value)) {
    for (const item of value) callsIn(item, found)
    return
  }
  if (!isNode(value) || isFunction(value)) return
  if (isCall(value)) found.add(value.start)
  for (const child of Object.values(value)) callsIn(child, found)
}

const isDeclaration = ({ type }: Node): boolean =>
  type === "VariableDeclaration" || type === "ClassDeclaration" || type === "ExportNamedDeclaration"

/** `isOurs` names the modules whose calls at the top only make values. */
export const pureCalls = (isOurs: (path: string) => boolean): Plugin => ({
  name: "pure-calls",
  transform(code, id) {
    if (!isOurs(id)) return null
    const { body } = this.parse(code, { lang: "ts" })
    const starts = new Set<number>()
    for (const statement of body) {
      if (isDeclaration(statement)) callsIn(statement, starts)
    }
    let marked = code
    for (const start of [...starts].toSorted((a, b) => b - a)) {
      marked = marked.slice(0, start) + MARK + marked.slice(start)
    }
    return { code: marked, map: null }
  }
})
