import { execFileSync, spawnSync } from "node:child_process"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { canBe, ANY, DEEP, ONE, UNKNOWN } from "../../../../src/programs/hooks/kit/shell/ShellValues.ts"
import {
  shellCommands,
  type ShellSurroundings
} from "../../../../src/programs/hooks/kit/shell/ShellCommands.ts"

const from: ShellSurroundings = {
  cwd: "/desk",
  project: "/desk",
  environment: { HOME: "/me", X: "x value", EMPTY: "" },
  isFolder: (path) => !path.includes("missing")
}

const understood = (text: string) => shellCommands(text, from)
const words = (text: string) => understood(text).commands.map((command) => command.words)

const hasBash = spawnSync("bash", ["-c", "true"]).status === 0

/** What bash itself makes of the words of a command, in a folder where no pattern fits a file. */
const byBash = (text: string): ReadonlyArray<string> => {
  const out = execFileSync(
    "bash",
    ["--norc", "-c", `show() { for one; do printf '%s\\0' "$one"; done; }; show ${text}`],
    {
      cwd: "/",
      env: { ...from.environment, PATH: "/usr/bin:/bin" },
      encoding: "utf8"
    }
  )
  return out === "" ? [] : out.slice(0, -1).split("\0")
}

describe("the words of a command", () => {
  const pieces = [
    "a",
    "plimsoll",
    "'single $X'",
    "'it''s'",
    '"double"',
    '"$X"',
    "${X}",
    "${EMPTY}",
    '"${EMPTY}"',
    "${MISSING_VARIABLE:-other}",
    '"${MISSING_VARIABLE:-two words}"',
    "$(echo inner)",
    '"$(echo inner words)"',
    "`echo ticks`",
    "\\$",
    "\\ ",
    '"\\""',
    '"a\\\\b"',
    "$'\\x41\\t\\101'",
    "{p,q}",
    "{p,{q,r}}s",
    "{single}",
    "~/x",
    "=",
    "a#b",
    "-x",
    "%"
  ]
  const word = fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 })
    .map((some) => some.join(""))
  const line = fc.array(word, { minLength: 1, maxLength: 4 }).map((some) => some.join(" "))

  it.runIf(hasBash)("are those that bash makes of them", () => {
    fc.assert(
      fc.property(line, (text) => {
        expect(words(`show ${text}`).at(-1)).toEqual(["show", ...byBash(text)])
      }),
      { numRuns: 150 }
    )
  })

  it("are any texts at all, in single quotes", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1 }), (texts) => {
        const quoted = texts.map((text) => `'${text.replaceAll("'", String.raw`'\''`)}'`)
        expect(words(`x ${quoted.join(" ")}`)).toEqual([["x", ...texts]])
      })
    )
  })

  it("of any text whatever are read to its end without a fault", () => {
    const fragment = fc.constantFrom(
      "'",
      '"',
      "`",
      "$(",
      "${",
      "((",
      "))",
      "<<E\n",
      "<(",
      ")",
      "{",
      "}",
      "[[",
      "]]",
      "\\",
      "\n",
      ";",
      "&&",
      "|",
      ">",
      "<",
      "#",
      "if",
      "do",
      "case",
      "esac",
      "$",
      "$'",
      "a",
      " ",
      "=",
      "x=("
    )
    fc.assert(
      fc.property(
        fc.array(fragment, { maxLength: 40 }).map((some) => some.join("")),
        (text) => {
          expect(understood(text).commands.length).toBeLessThanOrEqual(5_000)
        }
      ),
      { numRuns: 3_000 }
    )
  })
})

describe("the commands of a text", () => {
  it.each([
    ["a; b", [["a"], ["b"]]],
    ["a && b || c", [["a"], ["b"], ["c"]]],
    ["a | b |& c", [["a"], ["b"], ["c"]]],
    ["a & b", [["a"], ["b"]]],
    ["a\nb\n\nc", [["a"], ["b"], ["c"]]],
    ["a \\\n b", [["a", "b"]]],
    ["(a; b) | c", [["a"], ["b"], ["c"]]],
    ["{ a; b; }", [["a"], ["b"]]],
    ["! a", [["a"]]],
    ["if a; then b; elif c; then d; else e; fi", [["a"], ["b"], ["c"], ["d"], ["e"]]],
    ["while a; do b; done", [["a"], ["b"]]],
    ["until a; do b; done < c", [["a"], ["b"]]],
    [
      "for x in 1 2; do a $x; done",
      [
        ["a", "1"],
        ["a", "2"]
      ]
    ],
    ["case $X in p|q) a;; *) b;; esac", [["case", "x", "value", "in", "p"], ["q"], ["a"], ["*"], ["b"]]],
    ["f() { a; }", [["a"]]],
    ["function f { a; }", [["a"]]],
    ["A=1 B=2 a", [["a"]]],
    ["a # b", [["a"]]],
    ["a '# b'", [["a", "# b"]]],
    ["[[ a && b ]] && c", [["[[", "a", "&", "&", "b", "]]"], ["c"]]],
    ["((x = 1 << 2)); a", [["x", "=", "1"], ["a"]]],
    ["echo $((1 << 2))\na", [["1"], ["echo", UNKNOWN], ["a"]]],
    ["echo $((a) ) && echo $((1))", [["a"], ["echo", UNKNOWN], ["1"], ["echo", UNKNOWN]]],
    ["x=$(case a in b) c;; (d) e;; esac) f", [["case", "a", "in", "b"], ["c"], ["d"], ["e"], ["f"]]],
    [
      "echo $((1 + 2))",
      [
        ["1", "+", "2"],
        ["echo", UNKNOWN]
      ]
    ],
    ["a <<E\nb\nE\nc", [["a"], ["c"]]],
    ["a <<-E\n\tb\n\tE\nc", [["a"], ["c"]]],
    ["time a", [["a"]]],
    ["env -i A=b nohup nice -n 5 a b", [["a", "b"]]],
    ["command -v a", [["command", "-v", "a"]]],
    ["xargs -n 1 a b", [["a", "b"]]],
    [
      "ls x y | xargs a b",
      [
        ["ls", "x", "y"],
        ["a", "b", "x", "y"]
      ]
    ],
    [
      "ls x | xargs -I% a %.c",
      [
        ["ls", "x"],
        ["a", "x.c"]
      ]
    ],
    ["poetry run a b", [["a", "b"]]],
    ["npm exec -- a b", [["a", "b"]]],
    ["npm run a", [["npm", "run", "a"]]],
    ["bash script.sh a", [["script.sh", "a"]]]
  ])("%s", (text, expected) => {
    expect(words(text).map((one) => one.map((word) => word.replaceAll(ANY, "*")))).toEqual(expected)
  })

  it.each(["'a", '"a', "$(a", "${a", "(a", "`a", "a <", "x=(a"])(
    "are not complete where it breaks off: %s",
    (text) => {
      expect(understood(text).complete).toBe(false)
    }
  )

  it("nested without end are not followed without end", () => {
    expect(understood(`${"$(".repeat(200)}a${")".repeat(200)}`).complete).toBe(false)
    expect(
      understood(
        Array.from({ length: 30 }).reduce<string>(
          (text) => `eval "${text.replaceAll(/["\\$]/gu, "\\$&")}"`.slice(0, 2_000),
          "a"
        )
      ).complete
    ).toBe(false)
    expect(understood(`x ${"{a,b}".repeat(40)}`).complete).toBe(false)
    expect(understood("a;".repeat(6_000)).complete).toBe(false)
    expect(understood("a".repeat(2_000_000)).complete).toBe(false)
  })
})

describe("where a command runs and writes", () => {
  const places = (text: string) => {
    const last = understood(text).commands.at(-1)
    return { cwds: last?.cwds, writes: last?.writes }
  }

  it.each([
    ["a > b", ["/desk"], ["/desk/b"]],
    ["a > /b 2>&1 >&- 2>> c", ["/desk"], ["/b", "/desk/c"]],
    ["a < b", ["/desk"], []],
    ["cd x && a > b", ["/desk/x"], ["/desk/x/b"]],
    ["cd x; cd ..; a", ["/desk/x/.."], []],
    ["cd; a", ["/me"], []],
    ["cd x; cd -; a", ["/desk"], []],
    ["(cd x); a", ["/desk"], []],
    ["cd missing; a", ["/desk/missing", "/desk"], []],
    ["cd missing && a", ["/desk/missing"], []],
    ["cd missing && a; b", ["/desk/missing", "/desk"], []],
    ["x || cd y; a", ["/desk/y", "/desk"], []],
    ["cd $UNSET && a > b", [`/desk/${UNKNOWN}`.replace("/desk/", "")], [`${UNKNOWN}/b`]],
    ["env -C x a", ["/desk/x"], []],
    ["A=b; a > $A/c", ["/desk"], ["/desk/b/c"]],
    ["a > ~/b", ["/desk"], ["/me/b"]],
    ["a > '~/b'", ["/desk"], ["/desk/~/b"]],
    ["a > {b,c}", ["/desk"], ["/desk/b", "/desk/c"]]
  ])("%s", (text, cwds, writes) => {
    expect(places(text)).toEqual({ cwds, writes })
  })

  it("is what find finds, where it runs a command for that", () => {
    expect(words("find x -name '*.py' -exec a {} +").at(-1)).toEqual(["a", `x/${DEEP}${DEEP}.py`])
  })
})

describe("a value of which not all is known", () => {
  it("can be what fits its pattern", () => {
    expect(canBe(`/a/${ANY}.json`, "/a/b.json")).toBe(true)
    expect(canBe(`/a/${ANY}.json`, "/a/b/c.json")).toBe(false)
    expect(canBe(`/a/${DEEP}.json`, "/a/b/c.json")).toBe(true)
    expect(canBe(`${UNKNOWN}/c.json`, "/a/b/c.json")).toBe(true)
    expect(canBe(`/a/${ONE}`, "/a/b")).toBe(true)
    expect(canBe(`/a/${ONE}`, "/a/bc")).toBe(false)
  })

  it("is compared in bounded time, however many patterns it has", () => {
    expect(canBe(`${`${UNKNOWN}a`.repeat(900)}b`, "a".repeat(300))).toBe(false)
  })
})
