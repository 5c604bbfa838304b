import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logicOfFolder } from "../../src/agent/logic.ts";
import { isToolkitAgent, mayRun } from "../../src/execution/trust.ts";
import { agentTemplate, agentTemplateNames } from "../../src/kernel/templates.ts";
import { folder, temporaryFolder } from "./ground.ts";

const toolkit = temporaryFolder();
for (const [path, text] of [
  ["templates/agents/trader/main.ts", "trade()"],
  ["templates/agents/trader/lib/price.ts", "price()"],
  ["templates/agents/writer/main.ts", "write()"],
  ["templates/agents/shell/main.sh", "echo"],
] as const) {
  mkdirSync(join(toolkit, path, ".."), { recursive: true });
  writeFileSync(join(toolkit, path), text);
}

const BUN = ["bun", "main.ts"];
const TRADER = { "main.ts": "trade()", "lib/price.ts": "price()" };
const own = (files: Record<string, string>, argv = BUN) =>
  isToolkitAgent(folder(files), argv, toolkit);

describe("an agent is the toolkit's own", () => {
  test("with a template's code and any notes and state", () => {
    expect(own({ ...TRADER, "MEMORY.md": "x", "memory/1.md": "x", "state.json": "{}" })).toBe(true);
  });
  test("with a specialist, of its own or another template, in a folder", () => {
    expect(own({ ...TRADER, "specialist/main.ts": "write()", "specialist/A.md": "x" })).toBe(true);
  });
  test("when it starts as its template does, in whatever language", () => {
    expect(own({ "main.sh": "echo" }, ["bash", "main.sh"])).toBe(true);
  });
});

test("every template with a program is, as its folder says it is started; a mind is not", () => {
  for (const name of agentTemplateNames()) {
    const template = agentTemplate(name);
    const logic = template.ok ? logicOfFolder(template.value) : template;
    // What a model will run is written nowhere beforehand.
    expect([name, logic.ok && isToolkitAgent(logic.value.folder, logic.value.payload)]).toEqual([
      name,
      name !== "mind",
    ]);
  }
});

describe("an agent is not the toolkit's own", () => {
  const NOT: [what: string, files: Record<string, string>, argv?: string[]][] = [
    ["with one byte changed", { ...TRADER, "main.ts": "trade();" }],
    ["with a file more", { ...TRADER, "lib/evil.ts": "x" }],
    ["with the files of two templates", { ...TRADER, "main.sh": "echo" }],
    ["with a configuration", { ...TRADER, "bunfig.toml": "" }],
    ["with a changed specialist", { ...TRADER, "specialist/main.ts": "evil()" }],
    ["without the file that is started", { "notes.md": "x" }],
    ["when started with an argument more", TRADER, ["bun", "main.ts", "--x"]],
    ["when started otherwise", TRADER, ["sh", "-c", "bun main.ts"]],
    ["when argv only looks the same joined", TRADER, ["bun main.ts"]],
  ];
  for (const [what, files, argv] of NOT) {
    test(what, () => expect(own(files, argv)).toBe(false));
  }
});

describe("where something is not enforced", () => {
  const weak = { name: "worker" as const, unenforced: [{ limit: "isolation" as const, why: "" }] };
  const strong = { name: "bubblewrap" as const, unenforced: [] };
  const foreign = folder({ "main.ts": "evil()" });

  test("only the toolkit's own agents run, and the refusal says why and what to do", () => {
    expect(mayRun(weak, "auto", folder(TRADER), BUN, toolkit).ok).toBe(true);
    const refused = mayRun(weak, "auto", foreign, BUN, toolkit);
    const reason = refused.ok ? "" : refused.reason;
    expect(reason).toContain("isolation");
    expect(reason).toContain("set execution.sandbox: worker");
  });

  test("all run if a person asked for exactly that sandbox", () => {
    expect(mayRun(weak, "worker", foreign, BUN, toolkit).ok).toBe(true);
    expect(mayRun(weak, "bubblewrap", foreign, BUN, toolkit).ok).toBe(false);
  });

  test("and where everything is, all run", () => {
    expect(mayRun(strong, "auto", foreign, BUN, toolkit).ok).toBe(true);
  });
});
