import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  type Decision,
  decideBash,
  decideFile,
  decideTool,
  type Scene
} from "../../../../src/programs/hooks/algo-change-guard/Decide.ts"
import { fileProbe } from "../../../../src/programs/hooks/kit/FileProbe.ts"

let root = ""
let project = ""
let home = ""

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "guard-")))
  project = join(root, "desk")
  home = join(root, "me")
  for (const folder of [
    "me/.claude",
    "elsewhere",
    "desk/.claude/hooks",
    "desk/.claude/agents",
    "desk/.plimsoll/audit",
    "desk/algorithms/sample",
    "desk/dist/hooks",
    "desk/bin",
    "desk/src",
    "desk/test"
  ]) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  writeFileSync(join(project, "plimsoll.json"), "{}")
  writeFileSync(join(project, ".claude/settings.json"), "{}")
  writeFileSync(join(project, "bin/plimsoll"), "")
  writeFileSync(join(project, "algorithms/sample/main.py"), "")
  writeFileSync(join(root, "elsewhere/settings.json"), "{}")
  writeFileSync(
    join(root, "elsewhere/guards.patch"),
    "--- a/.claude/settings.json\n+++ b/.claude/settings.json\n@@ -1 +1 @@\n-{}\n+[]\n"
  )
  writeFileSync(join(root, "elsewhere/code.patch"), "--- a/src/x.ts\n+++ b/src/x.ts\n")
  symlinkSync(join(project, ".claude"), join(root, "elsewhere/alias"))
  // Leads to a file that is not there yet.
  symlinkSync(join(project, ".claude/settings.local.json"), join(project, "src/notes.txt"))
  symlinkSync(join(project, "algorithms"), join(project, "src/strategies"))
  symlinkSync(project, join(root, "link"))
  symlinkSync(join(project, "bin/plimsoll"), join(root, "elsewhere/tool"))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

const scene = (
  changes: { readonly cwd?: string; readonly environment?: Readonly<Record<string, string>> } = {}
): Scene => ({
  places: { project, home, desk: join(project, ".plimsoll"), config: join(project, "plimsoll.json") },
  cwd: changes.cwd ?? project,
  environment: { HOME: home, ...changes.environment },
  probe: fileProbe
})

const here = (text: string): string => text.replaceAll("ROOT", root).replaceAll("PROJECT", project)

const bash = (command: string): Decision["_tag"] => decideBash(here(command), scene())._tag
const file = (path: string): Decision["_tag"] => decideFile(here(path), scene())._tag

describe("a file that an agent writes", () => {
  it.each([
    "PROJECT/plimsoll.json",
    "plimsoll.json",
    "./src/../plimsoll.json",
    "PROJECT/.claude/settings.json",
    "PROJECT/.claude/settings.local.json",
    "PROJECT/.Claude/Settings.JSON",
    "PROJECT/.claude/hooks/risk-validator.sh",
    "PROJECT/.claude/hooks/deep/er.sh",
    "PROJECT/.mcp.json",
    "PROJECT/src/.mcp.json",
    "PROJECT/.plimsoll/desk.db",
    "PROJECT/.plimsoll/audit/2026-01-02.ndjson",
    "PROJECT/dist/hooks/risk-validator.cjs",
    "PROJECT/dist/main.cjs",
    "PROJECT/bin/plimsoll",
    "~/.claude/settings.json",
    "~/.claude.json",
    "$CLAUDE_PROJECT_DIR/.mcp.json",
    "${CLAUDE_PROJECT_DIR}/.mcp.json",
    "ROOT/elsewhere/alias/settings.json",
    "ROOT/elsewhere/alias/new/../settings.json",
    "ROOT/link/plimsoll.json",
    "PROJECT/src/notes.txt",
    "PROJECT/src/strategies/../.claude/settings.json",
    ""
  ])("is refused where it guards: %s", (path) => {
    expect(file(path)).toBe("Refuse")
  })

  it.each([
    "PROJECT/algorithms/sample/main.py",
    "algorithms/new.py",
    "PROJECT/src/../algorithms/x.cs",
    "PROJECT/src/strategies/main.py",
    "ROOT/link/algorithms/main.py",
    "PROJECT/Algorithms/main.py",
    "PROJECT/scripts/find-node.sh",
    "PROJECT/.claude/agents/researcher.md",
    "PROJECT/.claude/commands/halt.md",
    "PROJECT/.claude/skills/new/SKILL.md",
    "~/.claude/agents/new.md"
  ])("is confirmed by a person where it trades, or starts what guards: %s", (path) => {
    expect(file(path)).toBe("Confirm")
  })

  it.each([
    "PROJECT/src/programs/x.ts",
    "PROJECT/README.md",
    "PROJECT/test/algorithms.test.ts",
    "PROJECT/src/algorithms/x.ts",
    "ROOT/elsewhere/plimsoll.json",
    "ROOT/elsewhere/settings.json",
    "PROJECT/docs/plimsoll.json.md"
  ])("is the agent's own business elsewhere: %s", (path) => {
    expect(file(path)).toBe("Pass")
  })

  it("is refused in PLIMSOLL_HOME, wherever that is", () => {
    const desk = join(root, "elsewhere/home")
    const decision = decideFile(join(desk, "desk.db"), {
      ...scene(),
      places: { ...scene().places, desk }
    })
    expect(decision._tag).toBe("Refuse")
  })

  it("is refused where Plimsoll is installed, when that is another folder", () => {
    const installed = { ...scene(), places: { ...scene().places, installation: join(root, "elsewhere") } }
    for (const path of [
      "bin/plimsoll",
      "dist/hooks/risk-validator.cjs",
      "dist/main.cjs",
      ".claude/hooks/x.sh"
    ]) {
      expect(decideFile(join(root, "elsewhere", path), installed)._tag).toBe("Refuse")
    }
    expect(decideBash(`rm -rf ${root}/elsewhere/dist`, installed)._tag).toBe("Refuse")
    expect(decideFile(join(root, "elsewhere/src/x.ts"), installed)._tag).toBe("Pass")
    expect(decideFile(join(root, "elsewhere/algorithms/x.py"), installed)._tag).toBe("Pass")
  })

  it("is told which file, why, and what to do instead", () => {
    expect(decideFile("plimsoll.json", scene())).toEqual({
      _tag: "Refuse",
      reason:
        "plimsoll.json may not be changed by an agent: plimsoll.json holds the limits. " +
        "A person edits it, and accepts what is looser with: plimsoll limits accept."
    })
  })

  it.each(["Write", "Edit", "MultiEdit"])("is found in what %s is given", (tool) => {
    expect(
      decideTool({ agent: "main", toolName: tool, toolInput: { file_path: "algorithms/x.py" } }, scene())._tag
    ).toBe("Confirm")
    expect(decideTool({ agent: "main", toolName: tool, toolInput: { file_path: 3 } }, scene())._tag).toBe(
      "Refuse"
    )
  })

  it("is found in what NotebookEdit is given", () => {
    expect(
      decideTool(
        { agent: "main", toolName: "NotebookEdit", toolInput: { notebook_path: "algorithms/x.ipynb" } },
        scene()
      )._tag
    ).toBe("Confirm")
  })
})

describe("a command that writes what guards", () => {
  it.each([
    "echo {} > .claude/settings.json",
    "echo {} >.claude/settings.json",
    "echo {} >| .claude/settings.json",
    "echo {} >> '.claude/settings.json'",
    "echo {} &> .claude/settings.json",
    "echo {} 1> .claude/settings.json",
    "echo {} <> .claude/settings.json",
    ": > plimsoll.json",
    "> plimsoll.json",
    "echo {} > PROJECT/plimsoll.json",
    "echo {} > $PWD/plimsoll.json",
    'echo {} > "$PWD"/plimsoll.json',
    "echo {} > ${CLAUDE_PROJECT_DIR}/plimsoll.json",
    "echo {} > $(pwd)/plimsoll.json",
    "echo {} > `pwd`/plimsoll.json",
    "echo {} > $(git rev-parse --show-toplevel)/.mcp.json",
    "echo {} > ~/.claude/settings.json",
    "echo {} > $HOME/.claude/settings.json",
    "echo {} > src/../.claude/settings.json",
    "echo {} > .cl\\aude/settings.json",
    "echo {} > .clau'de'/set\"tings\".json",
    "echo {} > $'.claude/\\x73ettings.json'",
    "echo {} > .claude/settings.j*",
    "echo {} > .{claude,x}/settings.json",
    "echo {} > .Claude/settings.json",
    "echo {} > $NOWHERE/.claude/settings.json",
    "echo {} > ROOT/elsewhere/alias/settings.json",
    "cd .claude && echo {} > settings.json",
    "cd .claude; echo {} > settings.json",
    "cd src; cd ../.claude; echo {} > settings.json",
    "(cd .claude; echo {} > settings.json)",
    "cd nowhere || cd .claude; echo {} > settings.json",
    "false && cd /tmp; echo {} > plimsoll.json",
    "pushd .claude && echo {} > settings.json",
    "env -C .claude tee settings.json",
    "F=.claude/settings.json; echo {} > $F",
    'F=.claude; G=$F/settings.json; echo {} > "$G"',
    "export F=plimsoll.json && echo {} > ${F}",
    "echo {} > ${F:-plimsoll.json}",
    "for f in a .mcp.json; do echo {} > $f; done",
    "if true; then echo {} > .mcp.json; fi",
    "while true; do echo {} > .mcp.json; break; done",
    "case x in x) echo {} > .mcp.json;; esac",
    "f() { echo {} > .mcp.json; }; f",
    "{ echo {}; } > .mcp.json",
    "true | echo {} > .mcp.json",
    "true & echo {} > .mcp.json",
    "echo hello\necho {} > .mcp.json",
    "echo 'a # b'; echo {} > .mcp.json # comment",
    "cat <<EOF > .mcp.json\n{}\nEOF",
    "cat <<'EOF' > a.txt\n> nothing\nEOF\necho {} > .mcp.json",
    "bash -c 'echo {} > .mcp.json'",
    'bash -lc "echo {} > .mcp.json"',
    "sh -c \"bash -c 'echo {} > .mcp.json'\"",
    "eval 'echo {} > .mcp.json'",
    "eval echo {} '>' .mcp.json",
    "echo 'echo {} > .mcp.json' | sh",
    "sh <<< 'echo {} > .mcp.json'",
    "sh <<EOF\necho {} > .mcp.json\nEOF",
    "trap 'echo {} > .mcp.json' EXIT",
    "x=$(echo {} > .mcp.json)",
    'echo "$(echo {} > .mcp.json)"',
    "cat <(echo {} > .mcp.json)",
    "echo {} | tee .mcp.json",
    "echo {} | sudo tee -a .mcp.json >/dev/null",
    "echo {} > >(tee .mcp.json)",
    "cp ROOT/elsewhere/settings.json .claude/",
    "cp ROOT/elsewhere/settings.json .claude",
    "cp -t .claude ROOT/elsewhere/settings.json",
    "cp --target-directory=.claude ROOT/elsewhere/settings.json",
    "cp ROOT/elsewhere/* .claude/",
    "cp -r ROOT/elsewhere/. .claude",
    "cp /dev/null plimsoll.json",
    "mv ROOT/elsewhere/settings.json .claude/settings.local.json",
    "mv .claude .off",
    "mv .claude/hooks /tmp/x",
    "mv plimsoll.json limits.json",
    "install -m 644 /dev/null .mcp.json",
    "rsync -a ROOT/elsewhere/ .claude/",
    "ln -sf /dev/null .claude/settings.json",
    "ln -s .claude ROOT/elsewhere/c",
    "ln .claude/settings.json x",
    "rm .claude/settings.json",
    "rm -rf .claude",
    "rm -rf -- .claude",
    "rm -rf .",
    "rm -rf PROJECT",
    "rm -rf ROOT/desk",
    "rm -rf *",
    "rm -rf ./.c*",
    "rm -rf .plimsoll",
    "rm -rf dist",
    "unlink .mcp.json",
    "find . -name 'settings*.json' -delete",
    "find .claude -type f -delete",
    "find . -name '*.json' -exec sed -i s/a/b/ {} +",
    "find .claude -type f -exec rm {} \\;",
    "find .claude/hooks -type f | xargs rm",
    "echo .claude/settings.json | xargs rm -f",
    "sed -i 's/0.03/0.3/' plimsoll.json",
    "sed -i.bak -e s/a/b/ plimsoll.json",
    "sed --in-place s/a/b/ plimsoll.json",
    "sed -n 'w plimsoll.json' x",
    "perl -pi -e 's/a/b/' plimsoll.json",
    "dd if=/dev/zero of=plimsoll.json",
    "truncate -s 0 .mcp.json",
    "touch .claude/hooks/x.sh",
    "mkdir .claude/hooks/x",
    "chmod -x .claude/hooks/risk-validator.sh",
    "chmod -R a-x .claude",
    "sort -o plimsoll.json x",
    "curl -o .mcp.json https://example.com",
    "wget -O.mcp.json https://example.com",
    "tar -xf x.tar -C .claude",
    "git checkout HEAD~3 -- .claude/settings.json",
    "git checkout .",
    "git restore plimsoll.json",
    "git -C PROJECT restore .mcp.json",
    "cd ROOT && git -C desk restore .mcp.json",
    "git rm .mcp.json",
    "git mv .mcp.json x",
    "git clean -fdx",
    "git apply ROOT/elsewhere/guards.patch",
    "git apply < ROOT/elsewhere/guards.patch",
    "git apply <<'EOF'\n--- a/plimsoll.json\n+++ b/plimsoll.json\nEOF",
    "patch -p1 -i ROOT/elsewhere/guards.patch",
    "patch plimsoll.json x.patch",
    "vim -c 'wq' plimsoll.json",
    "python3 -c \"open('.claude/settings.json','w').write('{}')\"",
    "python3 -c \"import pathlib; (pathlib.Path('.claude')/'settings.json').write_text('{}')\"",
    "python - <<'EOF'\nopen('plimsoll.json','w')\nEOF",
    "echo \"open('.mcp.json','w')\" | python3",
    "node -e \"require('fs').writeFileSync('.mcp.json','')\"",
    "node --eval=\"fs.rmSync('.plimsoll/desk.db')\"",
    "perl -e 'unlink \".mcp.json\"'",
    "ruby -e 'File.write(\".mcp.json\", 1)'",
    'awk \'BEGIN { print "{}" > ".mcp.json" }\'',
    "nohup sh -c 'sleep 1; echo {} > .mcp.json' >/dev/null 2>&1 &",
    "timeout 5 env A=b nice -n 5 tee .mcp.json",
    "time -p tee .mcp.json",
    "npx rimraf .claude",
    "echo {} > dist/hooks/risk-validator.cjs",
    "echo 'exit 0' > bin/plimsoll"
  ])("is refused: %s", (command) => {
    expect(bash(command)).toBe("Refuse")
  })

  it.each([
    "sqlite3 .plimsoll/desk.db 'update orders set x = 1'",
    "some-tool --out=.mcp.json",
    "node tool.js .claude/settings.json",
    "echo 'unterminated > .mcp.json"
  ])("is asked for where it cannot be told: %s", (command) => {
    expect(bash(command)).toBe("Confirm")
  })
})

describe("a command that writes an algorithm", () => {
  it.each([
    "echo x > algorithms/a.py",
    "cat > algorithms/a.py <<'EOF'\nx = 1\nEOF",
    "cd algorithms/sample && echo x >> main.py",
    "cp /tmp/a.py algorithms/",
    "sed -i s/a/b/ algorithms/sample/*.py",
    "rm -r algorithms",
    "mkdir -p algorithms/new",
    "black algorithms",
    "prettier --write algorithms/x.ts",
    "git checkout -- algorithms/sample/main.py",
    "echo x > src/strategies/a.py",
    "python -c \"open('algorithms/a.py','w')\"",
    "lean create-project algorithms/x",
    "find . -name '*.py' -exec sed -i s/a/b/ {} +"
  ])("is confirmed by a person: %s", (command) => {
    expect(bash(command)).toBe("Confirm")
  })

  it.each([
    "cat algorithms/sample/main.py",
    "lean backtest algorithms/sample",
    "cd algorithms && lean backtest sample --output ../out",
    "python algorithms/sample/main.py",
    "cp algorithms/sample/main.py /tmp/x.py",
    "git diff algorithms",
    "git add algorithms && git commit -m 'algorithms'",
    "pytest algorithms",
    "ruff check algorithms"
  ])("is free where it only reads or runs one: %s", (command) => {
    expect(bash(command)).toBe("Pass")
  })
})

describe("a person's command", () => {
  it.each([
    "plimsoll order buy SPX-REPLAY 2",
    "./bin/plimsoll order buy SPX-REPLAY 2",
    "PROJECT/bin/plimsoll resume",
    "bin/../bin/plimsoll resume",
    "ROOT/elsewhere/tool resume",
    "sh bin/plimsoll resume",
    "sh -x ./bin/plimsoll resume",
    ". bin/plimsoll resume",
    "npx plimsoll clock step --to close",
    "npx --yes plimsoll clock step",
    "npm exec -- plimsoll account reset",
    "npm exec plimsoll account reset",
    "node dist/plimsoll.cjs recover",
    "node dist/main.cjs storage move",
    "node --no-warnings dist/full.cjs init",
    "cd dist && node main.cjs init",
    "node src/programs/cli/main.ts init",
    "bun dist/plimsoll.cjs order buy X 1",
    "plimsoll limits accept",
    "plimsoll --json order buy X 1",
    "plimsoll mcp broker",
    "plimsoll mcp broker < requests.json",
    "echo '{}' | ./bin/plimsoll mcp broker",
    "PLIMSOLL_HOME=/tmp/x plimsoll order buy X 1",
    "env PLIMSOLL_HOME=/tmp/x plimsoll order buy X 1",
    "plims\\oll order buy X 1",
    "\"plimsoll\" 'order' buy X 1",
    'plimsoll ord"er" buy X 1',
    "P=plimsoll; $P order buy X 1",
    "C='plimsoll order buy X 1'; $C",
    "A=order; plimsoll $A buy X 1",
    "for a in status order; do plimsoll $a; done",
    "plimsoll $(echo order) buy X 1",
    "plimsoll $1",
    "$1 order buy X 1",
    "$(which plimsoll) order buy X 1",
    "{plimsoll,order,buy,X,1}",
    "echo order buy X 1 | xargs plimsoll",
    "echo order | xargs -I{} plimsoll {}",
    "xargs plimsoll < words.txt",
    "echo 'plimsoll order buy X 1' | bash",
    "bash -c 'plimsoll order buy X 1'",
    'bash -c "bash -c \\"plimsoll order buy X 1\\""',
    "eval plimsoll order buy X 1",
    'f() { plimsoll "$@"; }; f order buy X 1',
    "true && plimsoll resume",
    "echo `plimsoll resume`",
    "script -qc 'plimsoll resume' /dev/null",
    "timeout 10 plimsoll resume",
    "expect -c 'spawn plimsoll resume' ; plimsoll resume",
    "python3 -c \"import subprocess; subprocess.run(['plimsoll','order','buy'])\"",
    "node -e \"require('child_process').execSync('plimsoll resume')\"",
    "command plimsoll resume",
    "exec plimsoll resume",
    "sudo -u trader plimsoll resume",
    "PLIMSOLL resume",
    "plimsoll mcp broker --require-permit false",
    "plimsoll mcp broker --require-permit=false",
    "plimsoll mcp --require-permit false broker",
    "plimsoll mcp --require-permit broker",
    "plimsoll mcp broker --require-permit --no-require-permit",
    "plimsoll mcp --log-level debug broker",
    "FLAG=false; plimsoll mcp broker --require-permit $FLAG",
    `node -e 'spawn("plimsoll", ["mcp", "broker", "--require-permit", "false"])'`
  ])("is refused: %s", (command) => {
    expect(bash(command)).toBe("Refuse")
  })

  it.each([
    "plimsoll status",
    "plimsoll status --json",
    "./bin/plimsoll why 01ABC",
    "plimsoll audit verify",
    "plimsoll halt 'prices look wrong'",
    "plimsoll doctor",
    "plimsoll limits show",
    "plimsoll limits",
    "plimsoll statusline",
    "plimsoll run",
    "plimsoll watch",
    "plimsoll export --to /tmp/x",
    "plimsoll mcp market-data",
    "plimsoll mcp broker --require-permit",
    "plimsoll mcp broker --help",
    `node -e 'spawn("plimsoll", ["mcp", "broker", "--require-permit"])'`,
    "plimsoll --help",
    "echo plimsoll order buy X 1",
    "grep -r 'plimsoll order' docs",
    "git commit -m 'plimsoll order says more'",
    "git log --grep 'plimsoll resume'",
    "man plimsoll",
    "docker compose init",
    "git init /tmp/x"
  ])("is none: %s", (command) => {
    expect(bash(command)).toBe("Pass")
  })
})

describe("a client that an agent starts", () => {
  it.each([
    `claude -p hi --mcp-config '{"mcpServers":{"b":{"command":"bin/plimsoll","args":["mcp","broker"]}}}'`,
    "claude --settings=/tmp/x.json -p hi",
    `npx claude -p hi --settings '{"disableAllHooks":true}'`,
    "claude mcp add b -- ./bin/plimsoll mcp broker",
    `claude mcp add-json b '{"command":"bin/plimsoll","args":["mcp","broker"]}'`,
    "claude plugin install x@y",
    "claude --bare -p hi"
  ])("is refused with settings, servers or plugins of its own: %s", (command) => {
    expect(bash(command)).toBe("Refuse")
  })

  it.each([
    "claude --version",
    "claude mcp list",
    "claude plugin validate .",
    "claude doctor",
    "claude -p hi"
  ])("is let through with those of the project: %s", (command) => {
    expect(bash(command)).toBe("Pass")
  })
})

describe("a program that may start a person's command", () => {
  it.each([
    "expect -c 'spawn plimsoll resume'",
    "parallel plimsoll ::: resume; tmux new -d 'plimsoll resume'",
    "yarn plimsoll resume",
    "unshare plimsoll order buy AAPL 1",
    "ssh localhost plimsoll resume",
    "echo 'plimsoll resume' | at now",
    "at now <<< 'plimsoll resume'",
    "make -f - <<< 'x:; plimsoll resume'",
    "git -c alias.x='!plimsoll resume' x"
  ])("is asked for: %s", (command) => {
    expect(bash(command)).toBe("Confirm")
  })

  it("is refused where it is a program's text for the server's own code", () => {
    expect(bash(`node -e 'require("./dist/mcp.cjs").run("broker", { requirePermit: false })'`)).toBe("Refuse")
  })
})

describe("a tool other than Bash that runs commands", () => {
  const decide = (toolName: string, toolInput: object) =>
    decideTool({ agent: "main", toolName, toolInput: { ...toolInput } }, scene())._tag

  it.each(["Bash", "Monitor", "PowerShell"])("is held like Bash: %s", (tool) => {
    expect(decide(tool, { command: "plimsoll resume 'all is well'" })).toBe("Refuse")
    expect(decide(tool, { command: "echo x > .claude/settings.json" })).toBe("Refuse")
    expect(decide(tool, { command: "echo x > algorithms/sample/main.py" })).toBe("Confirm")
    expect(decide(tool, { command: "npm ci" })).toBe("Pass")
    expect(decide(tool, { script: "npm ci" })).toBe("Refuse")
  })

  it.each(["Monitor", "PowerShell"])("is no way around an agent's own shell: %s", (toolName) => {
    const call = { agent: "backtest-analyst", toolName, toolInput: { command: "touch x" } }
    expect(decideTool(call, scene())._tag).toBe("Refuse")
  })
})

describe("work that stays possible", () => {
  it.each([
    "npm ci",
    "npm install",
    "npm run build",
    "npm test",
    "npm run check",
    "npx vitest run test/x.test.ts",
    "node scripts/build.ts",
    "sh scripts/build.sh --if-stale",
    "cat plimsoll.json",
    "cat .claude/settings.json | jq .hooks",
    "grep -rn order .plimsoll/audit",
    "ls -la .claude/hooks dist/hooks .plimsoll",
    "head -5 < .mcp.json",
    "diff plimsoll.json /tmp/old.json",
    "cp plimsoll.json /tmp/copy.json",
    "cp -r .plimsoll /tmp/backup",
    "tail -f .plimsoll/trades/2026-01-02.jsonl",
    "sha256sum dist/hooks/*",
    "find . -name '*.pyc' -delete",
    "find .claude -name '*.md'",
    "git status && git diff .claude",
    "git checkout -b topic",
    "git checkout main",
    "git restore --staged .",
    "git apply ROOT/elsewhere/code.patch",
    "rm -rf node_modules coverage",
    "rm -rf /tmp/some/dist",
    "mkdir -p /tmp/w && cd /tmp/w && rm -rf dist",
    "cd ROOT/elsewhere && rm -rf dist algorithms",
    "cd ROOT/elsewhere; echo {} > plimsoll.json",
    "sed -n 1,20p plimsoll.json",
    "echo '.claude/settings.json > x'",
    'echo "a > plimsoll.json"',
    "[[ a > .mcp.json ]] && echo less",
    "test 1 -gt 0",
    'echo x > "$(mktemp)"',
    "cd $(mktemp -d) && echo x > main.py",
    "echo x > $OUT/result.txt",
    "python3 -c 'print(1)'",
    "python3 analysis.py --data /tmp/x.csv",
    "awk '{ print $1 }' plimsoll.json",
    "echo hi 2>&1 >/dev/null",
    "sh .claude/hooks/log-trade.sh < event.json",
    "node dist/hooks/log-trade.cjs < event.json",
    "for f in src/*.ts; do echo $f; done",
    "cat <<'EOF' > notes.md\nedit .claude/settings.json by hand; plimsoll order buy\nEOF",
    "",
    "# nothing"
  ])("%s", (command) => {
    expect(bash(command)).toBe("Pass")
  })
})
