/**
 * Agents whose shell is for one program. The client takes a rule such as
 * `Bash(lean:*)` among an agent's tools for the whole shell; this holds it.
 */

/** One command and its words: nothing that starts, feeds or writes anything else. */
const PLAIN_COMMAND = /^\s*(?<program>[\w./-]+)(?:[ \t]+[\w\s./:=,@%+"'-]*)?$/u

const programs: Readonly<Record<string, string>> = { "backtest-analyst": "lean" }

/** An agent of a plugin has the plugin's name before its own. */
const ownName = (agent: string): string => agent.slice(agent.lastIndexOf(":") + 1)

/** Why this agent may not run the command, or `undefined` when nothing is against it. */
export const refusedForAgent = (agent: string, command: string): string | undefined => {
  const name = ownName(agent)
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined
  if (program === undefined) return undefined
  const isPlain =
    !/[\r\n]/u.test(command.trim()) && PLAIN_COMMAND.exec(command)?.groups?.["program"] === program
  return isPlain
    ? undefined
    : `The shell of ${name} is for plain commands of ${program} (${program} backtest PROJECT), without pipes, redirects or other programs.`
}
