// How a mind lives and dies. The provider is a real HTTP server, the run a real process.
import { afterEach, expect, test } from "bun:test";
import { readWithin } from "../../../src/agent/workspace.ts";
import { bun, inRun, removeHomes, root } from "../help.ts";
import { BID, BUNDLE, lives, type Script, type Scripted } from "./help.ts";

afterEach(removeHomes);

const DONE: Scripted = { say: "That is all." };

test("a mind that bids lives", async () => {
  const life = await lives([{ say: "First I bid.", use: [BID] }, DONE]);
  expect(life).toMatchObject({ code: 0, err: "" });
  expect(life.actions).toMatchObject([{ action: "bid", payload: ["econ", "model"] }]);
  expect(life.asked).toHaveLength(2);
  expect(life.out).not.toContain("told once");
});

test("who forgets its bid is told once, in a small question, and may still live", async () => {
  const life = await lives([DONE, { use: [BID] }, DONE]);
  expect(life).toMatchObject({ code: 0, err: "" });
  expect(life.actions).toMatchObject([{ action: "bid", notBefore: 17 }]);
  const told = life.asked[1]!;
  expect(told.tools.map(({ name }) => name)).toEqual(["shell"]);
  expect(life.sent[1]!).toContain("if you leave none now, you die");
  expect(life.sent[1]!).toContain("econ bid --tokens 4000 --cpu 10 --memory 160 --not-before +10");
  expect(life.sent[1]!.length).toBeLessThan(life.sent[0]!.length / 2);
});

test("who forgets it again dies, and the run is no crash", async () => {
  const life = await lives([DONE]);
  expect(life).toMatchObject({ code: 0, err: "", actions: [] });
  expect(life.asked).toHaveLength(2);
  expect(life.out).toContain("it leaves no bid, so this was its last run");
});

test("a bid that is refused may be put right", async () => {
  const tooMuch: [string, unknown] = ["shell", { command: "econ bid --cpu 1 --amount 99999" }];
  const life = await lives([DONE, { use: [tooMuch] }, { use: [BID] }]);
  expect(life.actions).toMatchObject([{ action: "bid" }]);
  expect(life.sent[2]!).toContain("refused: the bid needs 99999 credits");
});

const silent: [what: string, answer: Scripted][] = [
  ["an internal error", { status: 500 }],
  ["a crowd at the provider", { status: 429 }],
  ["a key that is not taken", { status: 401 }],
  ["the operator's ceiling", { status: 402, because: "the spending ceiling is reached" }],
];

test.each(silent)(
  "%s before anything was done: the host is asked to undo the run",
  async (_, answer) => {
    const life = await lives([answer]);
    expect(life).toMatchObject({ code: 75, err: "", actions: [] });
    expect(life.asked).toHaveLength(1);
    expect(life.out).toMatch(/^ended: \d{3}: [^{]+$/m);
    expect(readWithin(life.home.workspace, "mind.json")).toBe(null);
  },
);

const SOME_WORK: Script = [{ use: [["write", { path: "a.md", content: "a" }]] }, { status: 529 }];

const failures: [what: string, script: Script][] = [
  ["a request that is not taken", [{ status: 400 }]],
  ["a failure after some work", SOME_WORK],
  ["the operator's ceiling after some work", [{ use: [["read", {}]] }, silent[3]![1]]],
  ["a failure just when it was told", [DONE, { status: 500 }]],
];

test.each(failures)("nobody dies of %s: the same bid is left in its place", async (_, script) => {
  const life = await lives(script);
  expect(life).toMatchObject({ code: 0, err: "" });
  expect(life.actions).toEqual([
    { action: "bid", resources: BUNDLE, payload: ["econ", "model"], notBefore: 17 },
  ]);
  expect(life.out).toContain("a bid was left in its place: ada-1-1");
});

test("work done before a failure stays", async () => {
  const life = await lives(SOME_WORK);
  expect(readWithin(life.home.workspace, "a.md")).toBe("a");
});

test("a failure after the bid leaves it alone", async () => {
  const life = await lives([{ use: [BID] }, { status: 500 }]);
  expect(life).toMatchObject({ code: 0, actions: [{ action: "bid", notBefore: 17 }] });
});

test("the longer no model can be heard, the longer it sleeps between its tries", async () => {
  const files = (failures: number) => ({
    "AGENTS.md": "x",
    "mind.json": JSON.stringify({
      ...{ cycle: 1, model: "haiku", bought: 1, spent: 1, calls: 0, ended: "x", failures },
      ...{ input: 0, cachedInput: 0, cacheWrite: 0, output: 0 },
    }),
  });
  for (const [before, pause] of [
    [1, 20],
    [3, 80],
    [900, 640],
  ] as const) {
    const life = await lives([{ status: 400 }], { files: files(before) });
    expect(life.actions).toMatchObject([{ notBefore: 7 + pause }]);
    expect(JSON.parse(readWithin(life.home.workspace, "mind.json")!).failures).toBe(before + 1);
  }
});

test("a provider that sends what is no answer, or hangs up, is nobody's death", async () => {
  const answers = [
    () => new Response("{", { headers: { "content-type": "application/json" } }),
    () => Response.json(["not", "an", "answer"]),
    () => Response.json({ content: [{ type: "tool_use", input: {} }], stop_reason: "tool_use" }),
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
  ];
  for (const answer of answers) {
    const life = await lives([DONE], { instead: answer });
    expect(life).toMatchObject({ code: 0, err: "", actions: [{ action: "bid", notBefore: 17 }] });
  }
});

test.each(["", "no address"])(
  "with %p for a gateway it cannot think, and lives",
  async (gateway) => {
    const life = await lives([DONE], { gateway });
    expect(life).toMatchObject({ code: 0, err: "", actions: [{ action: "bid" }], sent: [] });
  },
);

test.each([0, 200])("with %d tokens it cannot be heard: it bids for enough", async (tokens) => {
  const life = await lives([DONE], { bundle: { cpu_seconds: 1, ...(tokens ? { tokens } : {}) } });
  if (tokens) expect(life.out).toContain("ended: 200 tokens are too few for one turn with haiku");
  expect(life).toMatchObject({ code: 0, sent: [] });
  const [bid] = life.actions as { resources: Record<string, number> }[];
  expect(bid?.resources.tokens).toBeGreaterThanOrEqual(2_000);
  expect(bid?.resources.memory_mb).toBeGreaterThanOrEqual(128);
});

test("a gateway that reckons otherwise: the next bid is for twice the tokens", async () => {
  const spent: Scripted = {
    status: 402,
    because: "needs 5000 tokens; 4000 of the 4000 you bought",
  };
  const life = await lives([spent]);
  expect(life).toMatchObject({ code: 0, actions: [{ resources: { tokens: 8_000 } }] });
});

test("where tokens cannot be had, the bid in its place goes without", async () => {
  const life = await lives([{ status: 400 }], {
    change: ({ markets }) => {
      markets.tokens.availableSupply = 0;
    },
  });
  const { tokens: _, ...rest } = BUNDLE;
  expect(life).toMatchObject({ code: 0, err: "" });
  expect(life.actions).toMatchObject([{ resources: rest, notBefore: 17 }]);
  expect(life.actions[0]!.resources).not.toHaveProperty("tokens");
});

test("a mind that used up its tokens had its say: it is told, if that fits, and no more", async () => {
  const spent: Scripted = {
    status: 402,
    because: "this call needs 9 tokens; 1 of the 5 you bought",
  };
  const life = await lives([{ use: [["shell", { command: "true" }]] }, spent]);
  expect(life).toMatchObject({ code: 0, actions: [] });
  expect(life.asked).toHaveLength(3);
  expect(life.out).toContain("it leaves no bid");
});

test("an endless use of tools ends at max_turns", async () => {
  const files = { "AGENTS.md": "---\nmax_turns: 3\n---\nx" };
  const life = await lives([{ use: [BID] }, { use: [["shell", { command: "echo again" }]] }], {
    files,
  });
  expect(life).toMatchObject({ code: 0, err: "" });
  expect(life.asked).toHaveLength(3);
  expect(life.out).toContain("ended: 3 turns are over");
});

test("whatever the model takes, it never asks for more than was bought", async () => {
  for (const tokens of [2_000, 4_000, 9_000]) {
    let used = 0;
    const greedy: Script = ({ max_tokens, messages }, asked) => {
      const input_tokens = Math.ceil(JSON.stringify(messages).length / 3.2) + 346;
      // Each time it takes a third of what it may, at first; then all of it.
      const output_tokens = asked < 4 ? Math.ceil(max_tokens / 3) : max_tokens;
      used += input_tokens * 0.2 + output_tokens;
      return { use: [["shell", { command: "seq 300" }]], usage: { input_tokens, output_tokens } };
    };
    const life = await lives(greedy, { bundle: { ...BUNDLE, tokens } });
    expect(life).toMatchObject({ code: 0, err: "" });
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(tokens);
  }
});

test("no answer is asked for that is longer than the model or the harness allows", async () => {
  const cases: [most: number, asked: number][] = [
    [64_000, 8_192],
    [50, 50],
  ];
  for (const [most, asked] of cases) {
    const life = await lives([{ use: [BID] }, DONE], {
      bundle: { ...BUNDLE, tokens: 90_000 },
      change: ({ config }) => {
        config.models.haiku!.max_output = most;
      },
    });
    expect(life.asked.map(({ max_tokens }) => max_tokens)).toEqual([asked, asked]);
  }
});

test("a model whose answers cost nothing is asked as long as its input is paid", async () => {
  const life = await lives([{ use: [BID] }, DONE], {
    change: ({ config }) => {
      config.models.haiku!.counts_as = { input: 0.2, cached_input: 0, cache_write: 0, output: 0 };
    },
  });
  expect(life.asked.map(({ max_tokens }) => max_tokens)).toEqual([8_192, 8_192]);
});

test("tokens for the last word are kept back until there is a bid", async () => {
  const answers: number[] = [];
  const script: Script = ({ max_tokens }, asked) => {
    answers.push(max_tokens);
    if (asked === 0)
      return {
        use: [["shell", { command: "true" }]],
        usage: { input_tokens: 1_400, output_tokens: max_tokens },
      };
    return { use: [BID] };
  };
  const life = await lives(script, { bundle: { ...BUNDLE, tokens: 2_000 } });
  // The first answer took all there was; still it could be told, and could bid.
  expect(life.actions[0]).toMatchObject({ action: "bid", notBefore: 17 });
  expect(life.out).toContain("it is told once");
});

test("time spent waiting for the model is not the run's", async () => {
  const slow: Script = async (_, asked) => {
    await Bun.sleep(1_800);
    return asked < 2 ? { use: [asked === 0 ? ["shell", { command: "true" }] : BID] } : DONE;
  };
  // Of its 5 s the harness keeps two for itself.
  const life = await lives(slow, {
    change: ({ execution }) => {
      execution.timeoutSeconds = 5;
    },
  });
  expect(life.actions).toMatchObject([{ action: "bid" }]);
});

test("what the agent breaks around the harness is told, and crashes nothing", async () => {
  const away: [string, unknown] = ["shell", { command: 'cd /; rm -rf "$OLDPWD"; echo gone' }];
  const life = await lives([{ use: [BID, away, ["shell", { command: "true" }]] }, DONE]);
  expect(life).toMatchObject({ code: 0, err: "", actions: [{ action: "bid" }] });
  expect(life.sent[1]!).toContain("no command can be started");
  expect(life.out).toContain("mind.json could not be written");
});

test("outside a run it says so in one line", async () => {
  const nowhere = { home: "/nowhere", workspace: root, actions: "" };
  const ran = await inRun(nowhere, [...bun, `${root}/src/agent/command.ts`, "model"]);
  expect(ran).toMatchObject({ code: 1, out: "" });
  expect(ran.err).toMatch(/^econ model: this is not an execution: .*\n$/);
});

const stops: [stop: string, script: Scripted[], asked: number][] = [
  ["max_tokens", [{ use: [BID] }, { say: "and so", stop: "max_tokens" }, DONE], 3],
  ["max_tokens", [{ use: [BID], stop: "max_tokens" }, { use: [BID] }, DONE], 3],
  ["refusal", [{ use: [BID] }, { say: "no", stop: "refusal" }], 2],
  ["pause_turn", [{ use: [BID] }, { say: "wait", stop: "pause_turn" }, DONE], 3],
  ["model_context_window_exceeded", [{ use: [BID] }, { stop: "model_context_window_exceeded" }], 2],
  ["of_tomorrow", [{ use: [BID] }, { say: "?", stop: "of_tomorrow" }], 2],
];

test.each(stops)("stop reason %s is understood", async (_, script, asked) => {
  const life = await lives(script);
  expect(life).toMatchObject({ code: 0, err: "" });
  expect(life.actions).toHaveLength(1);
  expect(life.asked).toHaveLength(asked);
});

test("what a model asks wrongly is told to it, and it lives on", async () => {
  const wrong: [string, unknown][] = [
    ["fly", {}],
    ["shell", []],
    ["shell", null],
    ["shell", "ls"],
    ["shell", { command: 5 }],
    ["shell", { command: "ls", seconds: -1 }],
    ["shell", { command: "a\u0000b" }],
    ["read", { path: { "": 1 } }],
    ["read", { path: "../../etc/passwd" }],
    ["read", { path: "nothing.md", offset: 1e99 }],
    ["write", { path: ".env", content: "x" }],
    ["write", { path: "/etc/passwd", content: "x" }],
    ["write", { __proto__: { path: "a" } }],
    ["edit", { path: "AGENTS.md", old: "", new: "" }],
  ];
  const life = await lives([{ use: wrong }, { use: [BID] }, DONE]);
  expect(life).toMatchObject({ code: 0, err: "" });
  const results = life.asked[1]!.messages[2]!.content.filter(({ type }) => type === "tool_result");
  expect(results).toHaveLength(wrong.length);
  for (const result of results) expect(result).toMatchObject({ is_error: true });
});

test("it may rewrite what it is: AGENTS.md included, from the next run on", async () => {
  const edit: [string, unknown] = ["edit", { path: "AGENTS.md", old: "prices", new: "people" }];
  const life = await lives([{ use: [BID, edit] }, DONE]);
  expect(readWithin(life.home.workspace, "AGENTS.md")).toContain("You watch people.");
});

test("model: names one of the world's models; a wrong name is told and costs no life", async () => {
  const change = (environment: import("../../../src/economy/environment.ts").Environment) => {
    const { haiku } = environment.config.models;
    environment.config.models = {
      haiku: haiku!,
      grand: { ...haiku!, max_output: 777 },
    };
  };
  const named = (name: string) => ({
    files: { "AGENTS.md": `---\nmodel: ${name}\n---\nx` },
    change,
  });
  const grand = await lives([{ use: [BID] }, DONE], named("grand"));
  expect(grand.asked[0]).toMatchObject({ model: "grand", max_tokens: 777 });
  const typo = await lives([{ use: [BID] }, DONE], named("hiaku"));
  expect(typo.asked[0]).toMatchObject({ model: "haiku" });
  expect(typo.sent[0]!).toContain("which this world does not have (haiku, grand)");
  expect(typo.out).toContain("which this world does not have");
  expect(typo.code).toBe(0);
});

test("in a world without models nobody dies of it", async () => {
  const life = await lives([DONE], {
    change: ({ config }) => {
      config.models = {};
    },
  });
  expect(life).toMatchObject({
    code: 0,
    sent: [],
    actions: [{ action: "bid", resources: BUNDLE }],
  });
});

test("the same run asks the same questions, byte for byte", async () => {
  const script = [
    { use: [BID, ["shell", { command: "ls; cat AGENTS.md; econ balance" }] as [string, unknown]] },
    { use: [["write", { path: "memory/a.md", content: "1" }] as [string, unknown]] },
    DONE,
  ];
  const files = {
    "AGENTS.md": "x",
    "skills/b/SKILL.md": "",
    "skills/a/SKILL.md": "",
    "z.md": "",
    "b/c.md": "",
  };
  const [one, two] = [await lives(script, { files }), await lives(script, { files })];
  expect(one.sent).toHaveLength(3);
  expect(two.sent).toEqual(one.sent);
});

test("each question begins with the one before it, so that it can be kept by the provider", async () => {
  const life = await lives([{ use: [BID] }, { use: [["read", { path: "AGENTS.md" }]] }, DONE]);
  const plain = (body: string) => {
    const { system, tools, messages } = JSON.parse(
      body.replaceAll(',"cache_control":{"type":"ephemeral"}', ""),
    );
    return JSON.stringify([system, tools, messages]).slice(0, -2);
  };
  const [first, second, third] = life.sent.map(plain);
  expect(second!.startsWith(first!)).toBe(true);
  expect(third!.startsWith(second!)).toBe(true);
  for (const body of life.sent) expect(body.split("cache_control").length - 1).toBe(2);
});
