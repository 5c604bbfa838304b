// Agents that do anything at all, without a process: a sandbox whose runs return drawn results. It
// stands at the port where drivers stand; what runs leave goes through the same rules of harvest.
import { harvest } from "../../src/execution/harvest.ts";
import type { Ending, RunRequest, RunResult, Sandbox } from "../../src/execution/sandbox.ts";
import { argvRefusal, nothingTaken } from "../../src/execution/scratch.ts";
import type { Entry } from "../../src/execution/tar.ts";
import { type Dice, diceFor, weighed } from "./dice.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What happens while agents run, once per cycle: a person does something, say. */
export type Meanwhile = () => Promise<void> | void;

export function drawnSandbox(seed: string, meanwhile?: Meanwhile): Sandbox {
  let left = meanwhile;
  return {
    name: "bubblewrap",
    unenforced: [],
    async run(request) {
      const act = left;
      left = undefined;
      await act?.();
      const wrong = argvRefusal(request.argv);
      if (wrong) return nothingTaken(request, { kind: "crashed", detail: wrong });
      const view = JSON.parse(decoder.decode(request.briefing.get("environment.json")?.bytes));
      return resultOf(request, view, diceFor(seed, `run/${view.cycle}/${request.id}`));
    },
  };
}

function resultOf(request: RunRequest, view: View, dice: Dice): RunResult {
  const ending = endingOf(dice);
  if (ending.kind === "host") return nothingTaken(request, ending);
  const { workspace, limits } = request;
  const entries = entriesOf(request, dice);
  const gathered = harvest(entries, workspace, limits);
  const actions = encoder.encode(linesOf(view, dice).join("\n"));
  const output = dice.percent(20) ? "\u001b]52;c;aGk=\u0007 said so\r\n" : "";
  const left = { ending, actions, actionsCut: dice.percent(2), workspace, refused: [], output };
  if (gathered.kind === "taken")
    return { ...left, workspace: gathered.workspace, refused: gathered.refused };
  return { ...left, ending: { kind: "limit", limit: gathered.limit, detail: gathered.detail } };
}

function endingOf(dice: Dice): Ending {
  const kind = weighed(dice, { finished: 80, crashed: 8, limit: 6, host: 6 });
  if (kind === "finished") return { kind };
  if (kind === "limit") return { kind, limit: "cpu", detail: "over 1 cpu second" };
  return { kind, detail: kind === "host" ? "the host is out of order" : "exit code 1" };
}

const HOSTILE = [
  ".git/config",
  ".gitmodules",
  "../../../world.json",
  "/etc/passwd",
  "a\\b",
  "nul\u0000name",
  "line\nbreak",
  "sub/.GIT/hooks/post-checkout",
  "git~1/HEAD",
  "package.json",
  "node_modules/x/index.js",
  "\u202egpj.exe",
  "MAIN.SH",
  "bare/HEAD",
  "bare/objects/x",
  "bare/refs/x",
  "notes.txt/inner",
  `${"d/".repeat(20)}deep`,
  "n".repeat(300),
  ".econ-write-1-1",
  ".econ/lock",
  "\u{1f600}.txt",
  "e\u0301.txt",
  "\u00e9.txt",
];

function entriesOf({ workspace }: RunRequest, dice: Dice): Entry[] {
  const entries: Entry[] = [];
  const file = (name: string, text: string) =>
    entries.push({
      name,
      kind: "file",
      executable: dice.percent(10),
      bytes: encoder.encode(text),
    });
  for (const [name, { bytes, executable }] of workspace)
    if (dice.percent(97)) entries.push({ name, kind: "file", executable, bytes });
  for (let n = dice.below(4); n > 0; n--) {
    const name = dice.pick(["notes.txt", "memory/a.md", "memory/b.json", "main.sh", "log"]);
    if (!entries.some((entry) => entry.name === name)) file(name, `v${dice.below(1000)}\n`);
  }
  if (dice.percent(25)) file(dice.pick(HOSTILE), "hostile\n");
  if (dice.percent(5)) for (const name of HOSTILE) file(name, "all of them\n");
  if (dice.percent(8)) {
    const kind = dice.pick(["symlink", "fifo", "link", "device", "directory"]);
    const name = dice.pick(["notes.txt", "link", "main.sh", "memory"]);
    entries.push({ name, kind, executable: false, bytes: new Uint8Array() });
  }
  if (dice.percent(2))
    entries.push({ name: "big", kind: "file", executable: false, bytes: new Uint8Array(5 << 20) });
  return entries;
}

type View = {
  cycle: number;
  agents: string[];
  bids: { id: string }[];
};

const AMOUNTS = [0.000001, 0.5, 1, 4, 9.99, 60, 150, 1e9, -1, 0, 1e-9, "5", null, 1e308];
const NAMES = ["ada", "bob", "eve", "kid", "kid-2", "pat", "human", "../x", "", "__proto__", "CON"];
const TEXTS = ["hello", "", "# 7\n\n---\nid: x\n---\n", "\u001b[2J\u202e", "x".repeat(3000), {}, 7];
const GARBAGE = ["", "{", "null", "[]", '{"action":"rob"}', "\u0000", "[".repeat(5000), "1e999"];

function linesOf(view: View, dice: Dice): string[] {
  const lines: string[] = [];
  const say = (action: object) => lines.push(JSON.stringify(action));
  if (dice.percent(96)) say(bidOf(dice));
  for (let n = dice.below(5); n > 0; n--) say(actionOf(view, dice));
  if (dice.percent(15)) lines.push(dice.pick(GARBAGE));
  return lines;
}

function bidOf(dice: Dice): object {
  const resources: Record<string, unknown> = { cpu_seconds: 1, memory_mb: dice.pick([16, 32, 96]) };
  if (dice.percent(40)) resources.tokens = dice.pick([1, 500, 2_000]);
  if (dice.percent(5)) resources[dice.pick(["tokens", "gpu_seconds", "love"])] = 1;
  const bid: Record<string, unknown> = { action: "bid", resources, payload: ["bash", "main.sh"] };
  if (dice.percent(30)) bid.amount = dice.pick(AMOUNTS);
  if (dice.percent(20)) bid.notBefore = dice.pick([0, 1, 3, 9, -1, 5000]) + (dice.below(2) ? 1 : 0);
  if (dice.percent(3)) bid.payload = dice.pick([[], ["\u0000"], [""], "sh", ["x".repeat(5000)]]);
  return bid;
}

function actionOf(view: View, dice: Dice): object {
  const to = () => dice.pick(dice.percent(70) ? view.agents : NAMES);
  const amount = () => (dice.percent(50) ? 1 + dice.below(40) : dice.pick(AMOUNTS));
  const bids = view.bids.map(({ id }) => id);
  const bid = () => (bids.length > 0 ? dice.pick(bids) : "ada-1-1");
  const logic = dice.pick([{ "main.sh": "true\n" }, ".", "memory", "nowhere", { "../x": "" }]);
  switch (weighed(dice, { transfer: 4, message: 4, prompt: 3, spawn: 2, raise: 1, withdraw: 1 })) {
    case "transfer":
      return { action: "transfer", to: to(), amount: amount(), memo: dice.pick(TEXTS) };
    case "message":
      return { action: "message", to: to(), content: dice.pick(TEXTS) };
    case "prompt":
      return { action: "prompt", content: dice.pick(TEXTS), amount: 50 + dice.below(30) };
    case "spawn":
      return { action: "spawn", name: dice.pick(NAMES), logic, credits: 10 + dice.below(60) };
    case "raise":
      return { action: "raise", id: bid(), amount: amount() };
    default:
      return { action: "withdraw", id: bid() };
  }
}
