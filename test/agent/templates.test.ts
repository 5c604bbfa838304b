import { afterEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { logicOfFolder } from "../../src/agent/logic.ts";
import { act, openSession } from "../../src/agent/session.ts";
import type { ActionRequest } from "../../src/agent/strategy.ts";
import { readFolder, readWithin } from "../../src/agent/workspace.ts";
import type { Environment } from "../../src/economy/environment.ts";
import { actionLines } from "../../src/economy/lines.ts";
import {
  firstEnvironment,
  type Home,
  inRun,
  makeHome,
  removeHomes,
  root,
  writeFiles,
} from "./help.ts";

afterEach(removeHomes);

const AGENTS = join(root, "templates/agents");
const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** A run's home with the commands `econ` and `bun`, as a sandbox has them. */
function homeFor(environment: Environment, files: Record<string, string>): Home {
  const home = makeHome(environment, files);
  const start = `exec ${quoted(process.execPath)} --config=/dev/null --no-env-file`;
  mkdirSync(join(home.home, "bin"));
  writeFiles(home.home, {
    "bin/econ": `#!/bin/sh\n${start} ${quoted(join(root, "src/agent/command.ts"))} "$@"\n`,
    "bin/bun": `#!/bin/sh\n${start} "$@"\n`,
  });
  for (const name of ["econ", "bun"]) chmodSync(join(home.home, "bin", name), 0o755);
  return home;
}

function filesOf(template: string): Record<string, string> {
  const folder = readFolder(join(AGENTS, template));
  const decoder = new TextDecoder();
  return Object.fromEntries([...folder].map(([path, { bytes }]) => [path, decoder.decode(bytes)]));
}

/** What a run asked for, each accepted by the kernel's rules. */
function accepted(home: Home): ActionRequest[] {
  const lines = actionLines(readFileSync(home.actions));
  const requests = lines.map((line) => (line.ok ? line.value : line) as ActionRequest);
  const fresh = makeHome(JSON.parse(readFileSync(join(home.home, "environment.json"), "utf8")));
  const session = openSession(fresh.home, home.workspace);
  for (const request of requests) expect(act(session, request)).toMatchObject({ ok: true });
  return requests;
}

const TEMPLATES = ["bash", "python"];
/** In CI everything is there; elsewhere what a machine lacks is not tested. */
const canRun = (program: string) => Boolean(process.env.CI || Bun.which(program));
const RUNNABLE = [...(canRun("bash") ? ["bash"] : []), ...(canRun("python3") ? ["python"] : [])];

test.each(TEMPLATES)("%s: the folder is an agent with a first bid of its own", (name) => {
  const logic = logicOfFolder(readFolder(join(AGENTS, name)));
  expect(logic.ok && logic.value.bid?.resources).toEqual({ cpu_seconds: 1, memory_mb: 96 });
});

test.each(RUNNABLE)("%s: lives, remembers, asks for attention when it can pay", async (name) => {
  const environment = await firstEnvironment();
  const logic = logicOfFolder(readFolder(join(AGENTS, name)));
  if (!logic.ok) throw new Error(logic.reason);
  environment.execution.payload = logic.value.payload;
  // The watchman speaks at every twelfth look.
  const looks = Array.from({ length: 11 }, (_, cycle) => `${cycle} ${4 + cycle / 10}\n`).join("");
  const files = { ...filesOf(name), "notes/cpu-price.txt": looks };
  const first = homeFor(environment, files);
  expect(await inRun(first, logic.value.payload)).toMatchObject({ code: 0, err: "" });
  const [bid, prompt, ...rest] = accepted(first);
  expect(bid).toMatchObject({ action: "bid", payload: logic.value.payload, notBefore: 17 });
  expect(prompt).toMatchObject({ action: "prompt", amount: 50 });
  expect(rest).toEqual([]);
  if (name === "bash")
    expect(prompt).toHaveProperty("content", expect.stringContaining("4 to 5 cred"));

  // The next run knows what the first one wrote. Nothing new: no prompt. Poor: a longer sleep.
  const before = Object.fromEntries(
    [...readFolder(first.workspace)].map(([path, { bytes }]) => [
      path,
      new TextDecoder().decode(bytes),
    ]),
  );
  const self = { ...environment.self, balance: 150 };
  const second = homeFor({ ...environment, self, cycle: 17 }, before);
  expect(await inRun(second, logic.value.payload)).toMatchObject({ code: 0, err: "" });
  expect(accepted(second)).toMatchObject([{ action: "bid", notBefore: 117 }]);
  const kept = name === "bash" ? "notes/cpu-price.txt" : "state.json";
  expect(readWithin(second.workspace, kept)).not.toBe(null);
});

const RULES = readFileSync(join(root, "templates/RULES.md"), "utf8");

function examples(language: string): string[] {
  const blocks = [...RULES.matchAll(/```(\w+)\n([\s\S]*?)```/g)];
  return blocks.filter(([, name]) => name === language).map(([, , text]) => text ?? "");
}

test("each complete agent in RULES.md lives", async () => {
  const environment = await firstEnvironment();
  const library = {
    "node_modules/econ/package.json": '{"exports":"./index.ts"}',
    "node_modules/econ/index.ts": `export * from ${JSON.stringify(`${root}/src/agent/index.ts`)};`,
  };
  const programs = [
    ...examples("ts").map((text) => ["bun", "main.ts", text] as const),
    ...examples("bash").map((text) => ["bash", "main.sh", text] as const),
    ...examples("python").map((text) => ["python3", "main.py", text] as const),
  ];
  expect(programs.length).toBe(4);
  for (const [program, file, text] of programs.filter(([name]) => canRun(name))) {
    const home = homeFor(environment, { ...library, [file]: text });
    expect(await inRun(home, [program, file])).toMatchObject({ code: 0, err: "" });
    expect(accepted(home)[0]).toMatchObject({ action: "bid", notBefore: 17 });
  }
});

test("each JSON line in RULES.md is an action, and every kind has one", async () => {
  const { parseAction, ACTION_KINDS } = await import("../../src/economy/actions.ts");
  const lines = [...RULES.matchAll(/`(\{"action".*?\})`/g)].map(([, line]) => JSON.parse(line!));
  for (const line of lines) expect(parseAction(line)).toMatchObject({ ok: true });
  expect(new Set(lines.map(({ action }) => action))).toEqual(new Set(ACTION_KINDS));
});

test("RULES.md names every method and every command, and stays short", async () => {
  const methods = Object.keys(await import("../../src/agent/index.ts"));
  for (const name of methods) expect(RULES).toContain(name);
  const { command } = await import("../../src/agent/command.ts");
  const commands = command(["help"]).out.matchAll(/^ {2}econ (\w+)(?: \| (\w+))*/gm);
  for (const [, name] of commands) expect(RULES).toContain(`econ ${name}`);
  expect(RULES.split("\n").length).toBeLessThanOrEqual(250);
});
