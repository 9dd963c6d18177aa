/**
 * The settings that Claude Code uses for a project, put together from its files: managed, the user's, the project's
 * and the project's local ones. What is passed to the client itself (`--settings`) is not in any file.
 */
import { matches } from "./HookMatcher.ts"
import type { HookHandler, Scope, SettingsFile } from "./SettingsFile.ts"

export interface EffectiveSettings {
  readonly files: ReadonlyArray<SettingsFile>
  /** What the client drops: files, or in a file the hooks of one event. */
  readonly dropped: ReadonlyArray<Dropped>
  /** Every hook that may be started; none while hooks are turned off. */
  readonly handlers: ReadonlyArray<HookHandler>
  /** Hooks that stand in a file and are not started, and why. */
  readonly silenced: { readonly handlers: ReadonlyArray<HookHandler>; readonly why: string } | undefined
  /** Variables that the settings give to whatever is started. */
  readonly environment: Readonly<Record<string, string>>
  /** Names of `.mcp.json` that are turned off. */
  readonly disabledServers: ReadonlySet<string>
}

export interface Dropped {
  readonly path: string
  /** Undefined: the whole file. */
  readonly event: string | undefined
  readonly problem: string
}

const droppedOf = ({ droppedEvents, path, problem }: SettingsFile): ReadonlyArray<Dropped> =>
  problem === undefined
    ? droppedEvents.map(({ event, problem: what }) => ({ path, event, problem: what }))
    : [{ path, event: undefined, problem }]

/** What was dropped, and why: "/p/.claude/settings.json: it is not valid JSON". */
export const droppedWords = ({ event, path, problem }: Dropped): string =>
  `${event === undefined ? "" : `the hooks of ${event} in `}${path}: ${problem}`

/** What counts least first. */
const order: ReadonlyArray<Scope> = ["user", "project", "local", "managed"]

/** Which hooks are turned off, and by which file. */
const silencedBy = (
  files: ReadonlyArray<SettingsFile>
): { readonly why: string; readonly spares: (handler: HookHandler) => boolean } | undefined => {
  const managed = files.filter(({ scope }) => scope === "managed")
  const off = managed.find(({ disableAllHooks }) => disableAllHooks === true)
  if (off !== undefined) return { why: `disableAllHooks is true in ${off.path}`, spares: () => false }
  const spares = ({ scope }: HookHandler): boolean => scope === "managed"
  const only = managed.find(({ allowManagedHooksOnly }) => allowManagedHooksOnly)
  if (only !== undefined) return { why: `allowManagedHooksOnly is true in ${only.path}`, spares }
  const last = files.findLast(
    ({ disableAllHooks, scope }) => scope !== "managed" && disableAllHooks !== undefined
  )
  return last?.disableAllHooks === true
    ? { why: `disableAllHooks is true in ${last.path}`, spares }
    : undefined
}

export const effectiveSettings = (found: ReadonlyArray<SettingsFile>): EffectiveSettings => {
  const files = found.toSorted((a, b) => order.indexOf(a.scope) - order.indexOf(b.scope))
  const silencing = silencedBy(files)
  const all = files.flatMap(({ handlers }) => handlers)
  const isStarted = (handler: HookHandler): boolean => silencing === undefined || silencing.spares(handler)
  const silent = all.filter((handler) => !isStarted(handler))
  return {
    files,
    dropped: files.flatMap(droppedOf),
    handlers: all.filter(isStarted),
    silenced: silencing === undefined ? undefined : { handlers: silent, why: silencing.why },
    environment: Object.assign({}, ...files.map(({ environment }) => environment)),
    disabledServers: new Set(files.flatMap(({ disabledServers }) => disabledServers))
  }
}

/** The hooks that the client starts at an event about `subject`: a tool, or what else the event is matched by. */
export const handlersFor = (
  { handlers }: EffectiveSettings,
  event: string,
  subject: string
): ReadonlyArray<HookHandler> =>
  handlers.filter(
    (handler) =>
      handler.event === event &&
      matches(handler.matcher, subject) &&
      (handler.condition === undefined || handler.condition === subject)
  )

/** Whether a hook is Plimsoll's `name`: it is called so in its command. */
export const isNamed = ({ args = [], command = "" }: HookHandler, name: string): boolean =>
  [command, ...args].some((part) => new RegExp(String.raw`(?<![\w-])${name}(?![\w-])`, "u").test(part))

/** A hook as it stands in its file, in a few words. */
export const handlerWords = ({ args = [], command = "" }: HookHandler): string => [command, ...args].join(" ")

/** Why a hook that must be able to stop a call cannot; undefined when it can. */
export const whyNoGuard = (handler: HookHandler): string | undefined => {
  const { condition, isAsync, once, type } = handler
  if (type !== "command") return `it is of the type ${type}, and only a command can be tried`
  if (isAsync) return "it is async: the client does not wait for it"
  if (once) return "it runs once, and not for the next order"
  return condition === undefined ? undefined : `it has an if (${condition}), and is not started without it`
}

export type Guard =
  | { readonly _tag: "Guard"; readonly handler: HookHandler }
  | { readonly _tag: "NoGuard"; readonly why: string }

/** The hook `name` that stands before the calls of `tool`, or why there is none. */
export const guardOf = (settings: EffectiveSettings, name: string, tool: string): Guard => {
  const before = handlersFor(settings, "PreToolUse", tool).filter((handler) => isNamed(handler, name))
  const [handler] = before.toSorted((a, b) => Number(isHindered(a)) - Number(isHindered(b)))
  if (handler !== undefined) {
    const why = whyNoGuard(handler)
    return why === undefined
      ? { _tag: "Guard", handler }
      : { _tag: "NoGuard", why: `the hook ${name} of ${handler.file} stops nothing: ${why}` }
  }
  return { _tag: "NoGuard", why: whyMissing(settings, name, tool) }
}

const isHindered = (handler: HookHandler): boolean => whyNoGuard(handler) !== undefined

const whyMissing = (
  { dropped, handlers, silenced }: EffectiveSettings,
  name: string,
  tool: string
): string => {
  const off = silenced?.handlers.find((handler) => isNamed(handler, name))
  if (silenced !== undefined && off !== undefined) return `hooks are turned off: ${silenced.why}`
  const elsewhere = handlers.find((handler) => isNamed(handler, name))
  if (elsewhere !== undefined) {
    const { condition, event, file, matcher } = elsewhere
    if (event !== "PreToolUse") return `the hook ${name} of ${file} is for ${event}, not for PreToolUse`
    return condition === undefined || matches(matcher, tool) === false
      ? `the matcher ${JSON.stringify(matcher ?? "")} of the hook ${name} in ${file} does not match ${tool}`
      : `the hook ${name} of ${file} has an if (${condition}) that is not ${tool}`
  }
  const [first] = dropped
  return first === undefined
    ? `no settings file has the hook ${name}`
    : `no settings file that the client uses has the hook ${name}; it drops ${droppedWords(first)}`
}
