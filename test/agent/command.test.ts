import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { deliver } from "../../src/economy/messages.ts";
import { bun, firstEnvironment, inRun, makeHome, removeHomes, root, tinyEconomy } from "./help.ts";

afterEach(removeHomes);

async function shell() {
  const economy = tinyEconomy();
  deliver(economy, { from: "bob", to: "ada", content: "hello" });
  const home = makeHome(await firstEnvironment("ada", economy), {
    "child/main.sh": "econ bid --cpu 1 --memory 96\n",
  });
  const econ = (line: string[], stdin = "") =>
    inRun(home, [...bun, `${root}/src/agent/command.ts`, ...line], stdin);
  const lines = () => readFileSync(home.actions, "utf8").trim().split(/\s*\n/).filter(Boolean);
  return { econ, lines };
}

test("acting commands: the id, the line they leave, exit 0", async () => {
  const { econ, lines } = await shell();
  const bid = '"resources":{"cpu_seconds":1,"memory_mb":96}';
  const cases: [argv: string[], out: string, line: string][] = [
    [
      ["bid", "--cpu", "1", "--memory", "96"],
      "ada-1-1\n",
      `{"action":"bid",${bid},"payload":["bun","main.ts"]}`,
    ],
    [
      "bid --cpu 1 --memory 96 --amount 7 --up-to 9.5 --not-before +5 -- bash x.sh --cpu 3".split(
        " ",
      ),
      "ada-1-2\n",
      `{"action":"bid",${bid},"payload":["bash","x.sh","--cpu","3"],` +
        `"amount":7,"upTo":9.5,"notBefore":12}`,
    ],
    [["raise", "ada-1-1", "8"], "ada-1-1\n", '{"action":"raise","id":"ada-1-1","amount":8}'],
    [["withdraw", "ada-1-1"], "ada-1-1\n", '{"action":"withdraw","id":"ada-1-1"}'],
    [
      ["pay", "bob", "2.5", "for the map"],
      "",
      '{"action":"transfer","to":"bob","amount":2.5,"memo":"for the map"}',
    ],
    [["send", "bob", "hi"], "", '{"action":"message","to":"bob","content":"hi"}'],
    [["send", "bob", "-"], "", '{"action":"message","to":"bob","content":"from stdin"}'],
    [["send", "bob", "--", "--"], "", '{"action":"message","to":"bob","content":"--"}'],
    [
      ["spawn", "child", "200", "--name", "kid"],
      "kid\n",
      '{"action":"spawn","logic":"child","credits":200,"name":"kid"}',
    ],
    [
      ["prompt", "60", "# Look"],
      "ada-1-p3\n",
      '{"action":"prompt","content":"# Look","amount":60}',
    ],
  ];
  for (const [argv, out, line] of cases) {
    expect(await econ(argv, "from stdin")).toEqual({ code: 0, out, err: "" });
    expect(lines().at(-1)).toBe(line);
  }
});

test("reading commands: a line for people, JSON for programs", async () => {
  const { econ } = await shell();
  const cases: [argv: string, out: string | RegExp][] = [
    ["balance", "994.04\n"],
    ["balance --json", "994.04\n"],
    ["markets", /^tokens 0\.1 credits, 0 % of 10000 sold, 0 bids\ncpu_seconds 5 credits, 3 % of/],
    ["market memory_mb", "memory_mb 0.01 credits, 2.88 % of 10000 sold, 0 bids\n"],
    ["market tokens --json", /^\{"resourceType":"tokens",.*"activeBids":\[\]\}\n$/],
    ["bids", ""],
    ["bids --json", "[]\n"],
    ["inbox", "1 from bob in cycle 6:\nhello\n"],
    ["notices", ""],
    ["agents", "ada\nbob\ncyd\n"],
    ["config", /"spawn_cost": 100/],
    ["time", "cycle 7 at 2026-01-01T00:00:10.000Z\n"],
    ["time --json", '{"cycle":7,"time":"2026-01-01T00:00:10.000Z"}\n'],
    ["context", /"paid": 5\.96/],
    ["stats", /"executionCount": 0/],
    ["history 1", "6 endowment issuance agent:ada 1000 birth of ada\n"],
    ["env", /^\{\n {2}"cycle": 7,/],
    ["help", /econ bid --cpu/],
  ];
  for (const [argv, out] of cases) {
    const ran = await econ(argv.split(" "));
    expect([argv, ran.code, ran.err]).toEqual([argv, 0, ""]);
    if (typeof out === "string") expect([argv, ran.out]).toEqual([argv, out]);
    else expect(ran.out).toMatch(out);
  }
});

test("refusals exit 1, what is not understood exits 2; neither leaves a line", async () => {
  const { econ, lines } = await shell();
  const cases: [code: number, argv: string, err: string][] = [
    [1, "pay bob 5000", "refused: needs 5000 credits, has 994.04\n"],
    [1, "pay ghost 5", 'refused: there is no agent "ghost"\n'],
    [1, "bid", "refused: resources: names no resource\n"],
    [1, "bid --gpu 1", "refused: gpu_seconds is not for sale here (supply 0)\n"],
    [1, "spawn none 200", 'refused: logic: there is no folder "none" in the workspace\n'],
    [1, "prompt 1 hi", "refused: the slot costs at least 50 credits now\n"],
    [2, "frob", 'econ frob: there is no command "frob" (see: econ help)\n'],
    [2, "toString", 'econ toString: there is no command "toString" (see: econ help)\n'],
    [2, "pay bob much", 'econ pay: "much" is not a number like 12.5 (see: econ help)\n'],
    [2, "pay bob", "econ pay: something is missing (see: econ help)\n"],
    [2, "pay bob 1 a b", 'econ pay: what is "b"? (see: econ help)\n'],
    [2, "market gold", "econ market: there is no market"],
    [2, "bid --cpus 1", "econ bid: Unknown option '--cpus'"],
  ];
  for (const [code, argv, err] of cases) {
    const ran = await econ(argv.split(" "));
    expect([argv, ran.code, ran.out]).toEqual([argv, code, ""]);
    expect(ran.err).toStartWith(err);
  }
  expect(lines()).toEqual([]);
});
