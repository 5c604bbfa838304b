// The specification's end-to-end scenarios (§13.2), in real worlds with real sandboxes.
import { expect, test } from "bun:test";
import { ask, BID, BUNDLE, filled, living, MAIL, script, worldOf } from "./helpers.ts";

const PROMPT = ask({ action: "prompt", content: "# Look\n\nThree facts.", amount: 60 });
const SCORES = { interesting: 7, useful: 5, understandable: 9 };

living("the survival loop", () => {
  test("an agent that bids each time it runs lives on and pays for it each time", async () => {
    const world = await worldOf({ ada: script("echo lived >>diary.txt") });
    const before = await world.balance("ada");
    await world.tick(5);
    expect(world.record("ada").executions).toBe(5);
    expect(world.read("agents/ada/workspace/diary.txt")).toBe("lived\n".repeat(5));
    const paid = before - (await world.balance("ada"));
    expect(paid).toBeGreaterThan(0);
    const spent = world.git("log", "--format=%s", "-5").trim().split("\n");
    expect(spent.every((subject) => subject.includes("1 ran, 0 born, 0 died"))).toBe(true);
    expect(await world.wrong()).toEqual([]);
  });

  test("who ends a run without a bid is dead, with the cause in its grave", async () => {
    const world = await worldOf({ ada: script(), mute: { "main.sh": "echo done >last.txt\n" } });
    await world.tick();
    expect(world.list("agents")).toEqual(["ada"]);
    expect(world.read("graveyard/mute/workspace/last.txt")).toBe("done\n");
    expect(JSON.stringify(world.record("mute").death)).toContain("bid");
    expect(await world.wrong()).toEqual([]);
  });

  test("who cannot pay its bid dies broke and leaves the registry", async () => {
    const lines = [ask({ action: "transfer", to: "rich", amount: 80, memo: "all I have" })];
    const look = 'cp "$ECON_HOME/environment.json" seen.json';
    const rich = script(look);
    const world = await worldOf({ poor: script(...lines), rich }, { credits: { poor: 90 } });
    await world.tick(4);
    expect(world.has("agents/poor")).toBe(false);
    expect(world.has("graveyard/poor/workspace/main.sh")).toBe(true);
    expect(world.list("bids").some((name) => name.startsWith("poor"))).toBe(false);
    const { agents } = JSON.parse(world.read("agents/rich/workspace/seen.json"));
    expect(agents).toEqual(["rich"]);
    expect((await world.economy()).dead.has("poor")).toBe(true);
    expect(await world.wrong()).toEqual([]);
  });
});

living("the rules, as an agent finds them", () => {
  test("are in econ.yaml what they are in its environment, without the operator's side", async () => {
    const look = script('cp "$ECON_HOME/environment.json" "$ECON_HOME/econ.yaml" .');
    const rules = {
      "models.haiku.base_url": "http://127.0.0.1:9/private",
      "models.haiku.key": "A_KEY_OF_PATS",
      "economy.spawn_cost": 12.5,
    };
    const world = await worldOf({ ada: look }, { rules });
    await world.tick();
    const [seen, yaml] = ["environment.json", "econ.yaml"].map((name) =>
      world.read(`agents/ada/workspace/${name}`),
    ) as [string, string];
    expect(Bun.YAML.parse(yaml)).toEqual(JSON.parse(seen).config);
    expect(JSON.parse(seen).config.economy.spawn_cost).toBe(12.5);
    for (const secret of ["private", "A_KEY_OF_PATS", "claude"]) expect(yaml).not.toContain(secret);
  });
});

living("a prompt, its scores, the award", () => {
  const once = script(`[ -e asked ] || ${PROMPT}`, "touch asked");

  test("scores written into attention/active.md with an editor pay the agent", async () => {
    const world = await worldOf({ ada: once });
    await world.tick();
    const before = await world.balance("ada");
    await world.edit("attention/active.md", (sheet) => filled(sheet, SCORES));
    const { absorbed, events } = await world.tick();
    expect(absorbed).toEqual(["attention/active.md"]);
    expect(world.git("log", "-2", "--format=%s")).toMatch(/ scored .*: interesting \d+, useful /);
    expect(events.map(({ kind }) => kind)).toContain("scored");
    const cost = before + 63 - (await world.balance("ada"));
    expect(cost).toBeGreaterThan(0);
    expect(cost).toBeLessThan(20);
    expect(world.has("attention/active.md")).toBe(false);
    expect(world.list("agents/ada/inbox/read")).toEqual(["1-human.md"]);
    // The person's own commit holds their bytes; the mint is the cycle's.
    expect(world.git("log", "--format=%an", "-2").trim().split("\n")).toEqual(["econ", "Pat"]);
    expect(world.git("show", "--stat", "--format=", "HEAD^")).not.toContain("ledger");
    expect(await world.wrong()).toEqual([]);
  });

  test("econ attend with three scores and a reason pays the agent and tells it why", async () => {
    const world = await worldOf({ ada: script(`[ -e asked ] || ${PROMPT}`, "touch asked", MAIL) });
    await world.tick();
    const shown = await world.econ("attend");
    expect([shown.code, shown.out]).toEqual([0, expect.stringContaining("Three facts.")]);
    const done = await world.econ("attend", "7", "5", "9", "clear", "and", "new");
    expect([done.code, done.err]).toEqual([0, ""]);
    await world.tick(2);
    const mail = world.read("agents/ada/workspace/mail.txt");
    expect(mail).toContain("from: human");
    expect(mail).toContain("award: 63 credits");
    expect(mail).toContain("reason: clear and new");
    const again = await world.econ("attend", "7", "5", "9");
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("no prompt")]);
    expect(await world.wrong()).toEqual([]);
  });

  test("incomplete scores are no answer yet and stop nothing", async () => {
    const world = await worldOf({ ada: once });
    await world.tick();
    await world.edit("attention/active.md", (sheet) => filled(sheet, { interesting: 7 }));
    await world.tick(2);
    expect(world.read("attention/active.md")).toMatch(/^interesting: 7$/m);
    expect((await world.economy()).active?.agent).toBe("ada");
    await world.edit("attention/active.md", (sheet) => filled(sheet, SCORES));
    const { events } = await world.tick();
    expect(events.map(({ kind }) => kind)).toContain("scored");
    expect(await world.wrong()).toEqual([]);
  });

  test("a stale buffer scores nothing, and the prompt before the human stands again", async () => {
    const world = await worldOf({ ada: once, bob: once });
    await world.tick();
    const stale = filled(world.read("attention/active.md"), SCORES);
    const first = (await world.economy()).active;
    await world.edit("attention/active.md", stale);
    await world.tick();
    const second = (await world.economy()).active;
    expect(new Set([first?.agent, second?.agent])).toEqual(new Set(["ada", "bob"]));
    await world.edit("attention/active.md", stale);
    const { events } = await world.tick();
    expect(events.map(({ kind }) => kind)).not.toContain("scored");
    expect((await world.economy()).active?.id).toBe(second?.id);
    expect(world.read("attention/active.md")).toContain(`id: ${second?.id}`);
    expect(await world.wrong()).toEqual([]);
  });
});

living("spawn, message, execution", () => {
  test("a child is spawned, written to by its parent, and does what it was asked", async () => {
    const child = [BID, MAIL, ask({ action: "message", to: "ada", content: "done" })].join("\n");
    const spawn = { action: "spawn", logic: { "main.sh": child }, credits: 200, name: "scout" };
    const write = ask({ action: "message", to: "scout", content: "dig here" });
    const world = await worldOf({
      ada: script(`if [ ! -e spawned ]; then ${ask(spawn)}; ${write}; touch spawned; fi`, MAIL),
    });
    const before = await world.balance("ada");
    const { events } = await world.tick();
    expect(events.map(({ kind }) => kind)).toContain("born");
    expect(before - (await world.balance("ada"))).toBeGreaterThan(301);
    expect(await world.balance("scout")).toBe(200);
    await world.tick(2);
    expect(world.read("agents/scout/workspace/mail.txt")).toContain("dig here");
    expect(world.read("agents/ada/workspace/mail.txt")).toContain("from: scout");
    expect(world.record("scout").lineage).toEqual(["ada"]);
    expect(await world.wrong()).toEqual([]);
  });
});

living("two bidders for one slot of supply", () => {
  test("the highest offer wins; the other loses nothing, raises itself and wins later", async () => {
    const bidder = (amount: number, upTo: number) => ({
      "main.sh": `${ask({ action: "bid", resources: BUNDLE, payload: ["bash", "main.sh"], amount, upTo })}\necho ran >>ran.txt\n`,
      "AGENTS.md": `---\nbid: {"cpu_seconds": 1, "memory_mb": 32, "amount": ${amount}, "upTo": ${upTo}}\n---\n`,
    });
    const world = await worldOf(
      { high: bidder(20, 20), low: bidder(10, 40) },
      { rules: { "resources.cpu_seconds.supply": 1 } },
    );
    const winners: string[] = [];
    for (let cycle = 0; cycle < 10; cycle++) {
      const before = await world.balance("low");
      const [run, ...more] = (await world.tick()).runs;
      expect(more).toEqual([]);
      const winner = run?.run.bid.agent ?? "";
      if (winner !== "low") expect(await world.balance("low")).toBe(before);
      winners.push(winner);
    }
    expect(winners[0]).toBe("high");
    expect(winners).toContain("low");
    expect(await world.wrong()).toEqual([]);
  });
});
