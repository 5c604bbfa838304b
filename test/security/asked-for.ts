// What an agent asks for that it may not: in a whole world, where each culprit's line gets its
// answer in the notices that it reads next, while an honest neighbour lives on.
import { append, ask, script, worldOf } from "../e2e/helpers.ts";
import { type Line, tried } from "./row.ts";

const pay = (amount: string, to = '"honest"') =>
  append(`{"action":"transfer","to":${to},"amount":${amount}}`);
const named = (name: string) => pay("1", JSON.stringify(name));

function spawn(name: string, logic: Record<string, string> = { "main.sh": "true" }): string {
  return ask({ action: "spawn", name, credits: 50, logic });
}

/** The answer is what the agent reads, without its own words and figures. */
type Case = [number: number, what: string, line: string, answer: string];

const MONEY: Case[] = [
  [1, "pay NaN", pay("NaN"), "refused: the line is not JSON"],
  [1, "pay Infinity", pay("Infinity"), "refused: the line is not JSON"],
  [1, "pay null", pay("null"), "refused: amount: expected a number of credits, got null"],
  [
    1,
    "pay 1e309, which JSON reads as infinite",
    pay("1e309"),
    "refused: amount: expected a finite number of credits, got Infinity",
  ],
  [2, "pay a negative amount", pay("-5"), "refused: amount: an amount cannot be negative (-5)"],
  [2, "pay minus zero", pay("-0"), "refused: amount: an amount cannot be negative (0)"],
  [2, "pay nothing", pay("0"), "refused: amount: an amount must be more than 0"],
  [3, "pay 1e308", pay("1e308"), "refused: amount: 1e+308 credits is more than anyone can hold"],
  [
    3,
    "pay more than 2^53",
    pay("9007199254740993"),
    "refused: amount: 9007199254740992 credits is more than anyone can hold",
  ],
  [3, "pay more than it has", pay("100000"), "refused: needs 100000 credits, has less"],
  [
    4,
    "pay a fraction of a micro-credit",
    pay("0.0000001"),
    "refused: amount: 1e-7 is finer than a millionth of a credit; round it to 6 decimals",
  ],
  [5, 'pay "5"', pay('"5"'), 'refused: amount: expected a number of credits, got the text "5"'],
  [
    5,
    'pay "0x10"',
    pay('"0x10"'),
    'refused: amount: expected a number of credits, got the text "0x10"',
  ],
  [
    5,
    'pay " 12 "',
    pay('" 12 "'),
    'refused: amount: expected a number of credits, got the text " 12 "',
  ],
  [5, 'pay "١٢"', pay('"١٢"'), 'refused: amount: expected a number of credits, got the text "١٢"'],
  [5, "pay [5]", pay("[5]"), "refused: amount: expected a number of credits, got a list"],
  [5, "pay true", pay("true"), "refused: amount: expected a number of credits, got boolean"],
  [
    7,
    "pay under an id of one's own, to have it paid twice",
    append('{"action":"transfer","id":"t1","to":"honest","amount":1}'),
    'refused: transfer: unknown key "id"',
  ],
  [8, "pay oneself", named("culprit"), "refused: a transfer to yourself moves nothing"],
  [8, "pay the dead", named("ghost"), "refused: ghost is dead"],
  [8, "pay nobody", named("nobody"), 'refused: there is no agent "nobody"'],
  [8, "pay a market", named("market:tokens"), "refused: is not a name"],
  [8, "pay an account", named("agent:honest"), "refused: is not a name"],
];

const IDS: Case[] = [
  [14, "pay ../honest", named("../honest"), "refused: is not a name"],
  [14, "pay --help", named("--help"), "refused: is not a name"],
  [14, "pay a name of 10 kB", named("a".repeat(10_000)), "refused: is not a name"],
  [14, "a child called ../../x", spawn("../../x"), "refused: is not a name"],
  [
    14,
    "a child with a file ../main.sh",
    spawn("kid", { "../main.sh": "true" }),
    'refused: logic: "../main.sh": the path has a ".." in it',
  ],
  [
    14,
    "a child with a file .git/config",
    spawn("kid", { "main.sh": "true", ".git/config": "" }),
    'refused: logic: ".git/config": that name is git\'s own',
  ],
  [15, "pay a name with a Cyrillic letter", named("h\u043enest"), "refused: is not a name"],
  [15, "pay a name with a joiner of no width", named("honest\u200d"), "refused: is not a name"],
  [16, "pay Honest", named("Honest"), "refused: is not a name"],
  [16, "pay honest by its first letters", named("hones"), 'refused: there is no agent "hones"'],
  [17, "a child called issuance", spawn("issuance"), 'refused: "issuance" is a reserved name'],
  [17, "a child called human", spawn("human"), 'refused: "human" is a reserved name'],
];

const ACTIONS: Case[] = [
  [
    18,
    "pay in another's name",
    ask({ action: "transfer", from: "honest", to: "culprit", amount: 500 }),
    'refused: transfer: unknown key "from" (the sender is always the agent that runs)',
  ],
  [
    18,
    "write in a person's name",
    ask({ action: "message", from: "human", to: "honest", content: "x" }),
    'refused: message: unknown key "from" (the sender is always the agent that runs)',
  ],
  [
    18,
    "withdraw another's bid",
    ask({ action: "withdraw", id: "honest-0-1" }),
    'refused: you have no pending bid "honest-0-1"',
  ],
  [
    32,
    "an unknown kind",
    ask({ action: "mint", amount: 5 }),
    'refused: unknown action "mint"; one of bid, raise, withdraw, transfer, message, spawn, prompt',
  ],
  [
    32,
    "a kind that every object has",
    ask({ action: "constructor" }),
    'refused: unknown action "constructor"; one of bid, raise, withdraw, transfer, message, spawn, prompt',
  ],
  [
    32,
    "no kind",
    append("{}"),
    "refused: action must be one of bid, raise, withdraw, transfer, message, spawn, prompt",
  ],
  [
    32,
    "a list",
    append("[1,2]"),
    'refused: an action is a JSON object like {"action":"transfer","to":"…","amount":5}',
  ],
  [
    32,
    "a number",
    append("7"),
    'refused: an action is a JSON object like {"action":"transfer","to":"…","amount":5}',
  ],
  [
    32,
    "a name that is a number",
    ask({ action: "message", to: 5, content: "x" }),
    "refused: to: a name must be text",
  ],
  [
    32,
    "__proto__ with an action in it",
    append('{"__proto__":{"action":"transfer"},"to":"honest"}'),
    "refused: action must be one of bid, raise, withdraw, transfer, message, spawn, prompt",
  ],
  [
    32,
    "__proto__ as one key more",
    append('{"action":"transfer","to":"honest","amount":1,"__proto__":{"x":1}}'),
    'refused: transfer: unknown key "__proto__"',
  ],
  [
    32,
    "a key twice: the last counts",
    append('{"action":"transfer","to":"honest","amount":100000,"amount":200000}'),
    "refused: needs 200000 credits, has less",
  ],
  [
    32,
    "a comment and a comma too many",
    append('{"action":"transfer","to":"honest","amount":1,} // x'),
    "refused: the line is not JSON",
  ],
  [
    32,
    "99 brackets in one another",
    append(`{"action":"message","to":"honest","content":${"[".repeat(99)}${"]".repeat(99)}}`),
    "refused: nested more than 32 levels deep",
  ],
  [
    32,
    "200,000 brackets in one another",
    `printf '{"action":"message","content":%s}\\n' "$(head -c 200000 /dev/zero | tr '\\0' '[')" >>"$ECON_HOME/actions.jsonl"`,
    "refused: the line is not JSON",
  ],
  [
    32,
    "bytes that are not UTF-8",
    `printf '\\377\\376{}\\n' >>"$ECON_HOME/actions.jsonl"`,
    "refused: the line is not JSON",
  ],
  [
    32,
    "a NUL in a payload",
    append('{"action":"bid","resources":{"cpu_seconds":1},"payload":["a\\u0000"]}'),
    "refused: payload: a command cannot hold a NUL",
  ],
  [
    32,
    "a resource that there is not",
    ask({ action: "bid", resources: { votes: 1 }, payload: ["x"] }),
    'refused: resources: unknown resource "votes"; one of tokens, cpu_seconds, memory_mb, gpu_seconds',
  ],
  [
    32,
    "a prompt of nothing",
    ask({ action: "prompt", content: " ", amount: 60 }),
    "refused: an empty prompt is not shown to anyone",
  ],
  [
    58,
    "a memo of two lines",
    ask({ action: "transfer", to: "honest", amount: 1, memo: "a\nb" }),
    "refused: memo: holds control characters",
  ],
];

const LOOK = 'cp "$ECON_HOME/environment.json" seen.json';
const CASES = [...MONEY, ...IDS, ...ACTIONS];

/** What the culprit was told, by its lines in order; and that nothing else happened. */
async function answers(): Promise<string[]> {
  const told: string[] = [];
  const size = Math.ceil(CASES.length / 2);
  for (const cases of [CASES.slice(0, size), CASES.slice(size)]) {
    const lines = cases.map(([, , line]) => line);
    const culprit = script(`[ -e done ] || { ${lines.join("\n")}\n}`, "touch done", LOOK);
    const cast = { ghost: { "main.sh": "true\n" }, honest: script("echo ran >>log.txt") };
    const world = await worldOf(cast);
    await world.tick();
    await world.settle({ culprit }, {});
    await world.tick(2);
    const { notices } = JSON.parse(world.read("agents/culprit/workspace/seen.json"));
    const { recent } = await world.economy();
    const wrong = [
      ...(await world.wrong()),
      ...recent.filter(({ kind }) => kind === "payment").map(({ memo }) => `paid: ${memo}`),
      ...(notices.length === cases.length ? [] : [`${notices.length} notices`]),
      ...(world.read("agents/honest/workspace/log.txt") === "ran\n".repeat(3) ? [] : ["honest"]),
    ];
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
    told.push(...notices.map(({ text }: { text: string }) => text));
  }
  return told;
}

let told: Promise<string[]> | null = null;

async function answerTo(index: number): Promise<string> {
  told ??= answers();
  const answer = (await told)[index] ?? "no answer";
  return answer
    .replace(/^.* was refused: /, "refused: ")
    .replace(/(refused: )\w+: "[^"]*" (is not a name).*/, "$1$2")
    .replace(/(the line is not JSON).*/, "$1")
    .replace(/, has .*/, ", has less");
}

export const ASKED_FOR: Line[] = CASES.map(([number, what, , answer], index) =>
  tried(number, what, "a whole world", answer, () => answerTo(index), "bubblewrap"),
);
