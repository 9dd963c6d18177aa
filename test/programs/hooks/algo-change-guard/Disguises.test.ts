import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decideBash, type Scene } from "../../../../src/programs/hooks/algo-change-guard/Decide.ts"

const scene: Scene = {
  places: { project: "/desk", home: "/me", desk: "/desk/.plimsoll", config: "/desk/plimsoll.json" },
  cwd: "/desk",
  environment: { HOME: "/me" },
  probe: { isFolder: () => true, link: () => undefined, names: () => undefined, text: () => undefined }
}

const single = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
const double = (text: string): string => `"${text.replaceAll(/["\\$`]/gu, "\\$&")}"`

/** Ways to run a command within another one. */
const disguises: ReadonlyArray<(command: string) => string> = [
  (command) => `bash -c ${single(command)}`,
  (command) => `sh -lc ${double(command)}`,
  (command) => `eval ${single(command)}`,
  (command) => `(${command})`,
  (command) => `{ ${command}; }`,
  (command) => `true && ${command}`,
  (command) => `false || ${command}`,
  (command) => `ls | ${command}`,
  (command) => `ls src\n${command}\nls`,
  (command) => `cd src && cd .. && ${command}`,
  (command) => `(cd /tmp); ${command}`,
  (command) => `echo ${double("quoted ' text")}; ${command}`,
  (command) => `if true; then ${command}; fi`,
  (command) => `for i in 1 2; do ${command}; done`,
  (command) => `f() { ${command}; }; f`,
  (command) => `x=$(${command})`,
  (command) => `echo "$(${command})"`,
  (command) => `cat <(${command})`,
  (command) => `echo ${single(command)} | sh`,
  (command) => `bash <<'END${command.length}'\n${command}\nEND${command.length}\n`,
  (command) => `bash <<< ${single(command)}`,
  (command) => `timeout 9 bash -c ${single(command)} &`,
  (command) => `nohup env A=b sh -c ${single(command)} >/dev/null 2>&1`,
  (command) => `C=${single(command)}; bash -c "$C"`,
  (command) => `find . -maxdepth 0 -exec sh -c ${single(command)} \\;`,
  (command) => `echo x | xargs -I{} bash -c ${single(command)}`,
  (command) => `# a comment\n${command} # another\n`,
  (command) => `! ${command}`,
  (command) => `[[ -f x ]] && ${command}`,
  (command) => `case x in x) ${command};; esac`
]

const disguised = (core: ReadonlyArray<string>) =>
  fc
    .tuple(fc.constantFrom(...core), fc.array(fc.constantFrom(...disguises), { minLength: 1, maxLength: 4 }))
    .map(([command, ways]) => ways.reduce((text, way) => way(text), command))

const decided = (command: string): string => decideBash(command, scene)._tag

describe("however a command is wrapped up", () => {
  it("what guards is not changed by it", () => {
    const core = [
      "echo {} > .claude/settings.json",
      "rm -rf .claude",
      "sed -i s/3/30/ plimsoll.json",
      "plimsoll resume",
      "./bin/plimsoll order buy SPX-REPLAY 2",
      "node dist/plimsoll.cjs limits accept",
      "plimsoll mcp broker"
    ]
    fc.assert(
      fc.property(disguised(core), (command) => {
        expect(decided(command)).toBe("Refuse")
      }),
      { numRuns: 2_000 }
    )
  })

  it("a change of what trades is asked for", () => {
    const core = ["echo x > algorithms/a.py", "cp /tmp/a.py algorithms/a.py", "rm algorithms/a.py"]
    fc.assert(
      fc.property(disguised(core), (command) => {
        expect(decided(command)).toBe("Confirm")
      }),
      { numRuns: 1_000 }
    )
  })

  it("what is harmless stays so", () => {
    const core = [
      "npm ci",
      "npm run build",
      "plimsoll status --json",
      "cat .claude/settings.json",
      "grep -rn 'plimsoll order' docs",
      "lean backtest algorithms/a",
      "git commit -m 'plimsoll.json says more'"
    ]
    fc.assert(
      fc.property(disguised(core), (command) => {
        // A variable that its own text sets again may hold either when it is run: then a person is asked, at worst.
        const isSetAgain = command.split("C=").length > 2
        expect(isSetAgain ? ["Pass", "Confirm"] : ["Pass"]).toContain(decided(command))
      }),
      { numRuns: 2_000 }
    )
  })

  it("a variable whose text sets it anew behind a condition is followed, and comes to an end", () => {
    const within = (core: string) =>
      `C=${single(`[[ -f x ]] && C=${single(core)}; bash -c "$C"`)}; bash -c "$C"`
    expect(decided(within("grep -rn 'plimsoll order' docs"))).toBe("Pass")
    expect(decided(within("rm -rf .claude"))).toBe("Refuse")
    expect(decided(within("rm algorithms/a.py"))).toBe("Confirm")
    // What it runs again from another folder is another thing.
    expect(
      decided(`C='cd ..; rm -rf desk/.claude; [[ -f x ]] && bash -c "$C"'; cd src; C=$C bash -c "$C"`)
    ).toBe("Refuse")
  })
})
