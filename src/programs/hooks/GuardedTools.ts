/** The client's tools that write files or run commands: algo-change-guard has to stand before each. */

/** Those that hand a command to the shell. */
export const shellTools = ["Bash", "Monitor"] as const

/** And the one whose language the guard does not read: it looks for names in the text alone. */
export const POWERSHELL = "PowerShell"

export const guardedTools: ReadonlyArray<string> = [
  "Write",
  "Edit",
  "MultiEdit",
  "NotebookEdit",
  ...shellTools,
  POWERSHELL
]

export const isShellTool = (tool: string): boolean => shellTools.some((name) => name === tool)
