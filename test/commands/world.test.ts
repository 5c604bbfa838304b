import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { die } from "../../src/economy/agents.ts";
import { accept } from "../../src/economy/result.ts";
import { act, createWorld } from "../../src/kernel.ts";
import { econ } from "./terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "econ-view-"));
const root = join(folder, "world");
const say = (line: string, input = "") => econ(line.split(" "), { cwd: root, input });

beforeAll(async () => {
  const cast = {
    genesis: { template: "genesis" },
    saver: { template: "saver" },
    doomed: { template: "idler", credits: 100_000_000 },
  };
  const settings: [string, string][] = [["clock", "logical"]];
  const world = { preset: "spec", seed: "view", settings, cast, person: "Ada", durable: false };
  expect(await createWorld(root, world)).toMatchObject({ ok: true });
  const options = { command: "test", subject: "a death", durable: false };
  const died = await act(root, options, (economy) => {
    die(economy, "doomed", "it left no bid");
    return accept("doomed died");
  });
  expect(died).toMatchObject({ ok: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("reading commands, over a world on disk", () => {
  test("--json parses and agrees with itself", async () => {
    const json = async (line: string) => {
      const { code, out, err } = await say(`${line} --json`);
      expect([line, code, err]).toEqual([line, 0, ""]);
      return JSON.parse(out);
    };
    const status = await json("status");
    expect(status).toMatchObject({ cycle: 0, alive: 2, dead: 1 });
    const agents = await json("agents");
    expect(agents.map(({ id }: { id: string }) => id).sort()).toEqual(["genesis", "saver"]);
    const sum = agents.reduce(
      (total: number, { balance }: { balance: number }) => total + balance,
      0,
    );
    expect(sum).toBe(status.circulation.agents);
    expect(await json("agents --dead")).toMatchObject([{ id: "doomed", death: { cycle: 1 } }]);
    expect(await json("agent genesis")).toMatchObject({ status: "alive", bids: [{ lost: 0 }] });
    expect(await json("agent doomed")).toMatchObject({ status: "dead", balance: 0 });
    expect((await json("markets")).tokens.availableSupply).toBe(10_000);
    expect(await json("history --kind estate")).toMatchObject([
      { from: "agent:doomed", amount: 100 },
    ]);
    expect(await json("history -n 2")).toHaveLength(2);
    expect(await json("config economy.spawn_cost")).toBeNumber();
    expect(await json("verify")).toEqual({ sound: true, problems: [] });
    expect((await json("tick --dry-run")).winners).toHaveLength(2);
  });

  test("in a pipe there are no escapes, and names alone are one a line", async () => {
    for (const line of ["status", "agents", "agent saver", "markets", "history", "config"]) {
      const { code, out } = await say(line);
      expect([line, code]).toEqual([line, 0]);
      expect(out).not.toContain("\u001b");
    }
    expect((await say("agents --quiet")).out.split("\n").sort()).toEqual(["genesis", "saver"]);
  });

  test("the page of an agent lists its workspace; of a dead one also the cause", async () => {
    expect((await say("agent saver")).out).toMatch(/^Workspace\n.*AGENTS\.md/m);
    const { out } = await say("agent doomed");
    expect(out).toMatch(/cause +it left no bid/);
    expect(out).toContain("econ revive doomed");
  });

  test("an unknown agent or rule is refused", async () => {
    expect(await say("agent savr")).toMatchObject({ code: 1, out: "" });
    expect(await say("config economy.taxes")).toMatchObject({ code: 2, out: "" });
  });
});

describe("a person's acts", () => {
  test("grant, tell and revive are commits that leave a sound world", async () => {
    expect((await say("grant saver 12.5 --memo thanks")).out).toBe(
      "saver was granted 12.5 credits: thanks",
    );
    expect(await say("tell saver -", "two\nlines\n")).toMatchObject({ code: 0 });
    expect((await say("agent saver")).out).toContain("  │ two\n  │ lines");
    expect((await say("revive doomed --credits 50")).out).toBe(
      "doomed was revived with 50 credits",
    );
    expect((await say("agents --dead")).out).toContain("Nobody has died yet.");
    expect((await say("verify")).code).toBe(0);
    expect((await say("status")).out).toContain("saver was granted 12.5 credits: thanks");
  });

  test("that are refused say why, and change nothing", async () => {
    const before = (await say("status --json")).out;
    expect((await say("revive saver")).err).toBe("econ: saver is alive");
    expect((await say("revive nobody")).err).toContain('no agent "nobody" in the graveyard');
    expect((await say("grant nobody 5")).err).toBe('econ: there is no agent "nobody"');
    expect((await say("tell nobody hello")).code).toBe(1);
    expect((await say("status --json")).out).toBe(before);
  });
});

test("the shell runs commands in the world it stands in", async () => {
  const { code, out, err } = await say("shell", "agents -q\nmarkets\nquit\n");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("genesis");
  expect(out).toContain("Attention");
});

test("a broken file is named with its line, and the exit code is 3", async () => {
  appendFileSync(join(root, "econ.yaml"), "\nnonsense: 1\n");
  for (const line of ["status", "verify", "tick", "grant saver 1"]) {
    const { code, err } = await say(line);
    expect([line, code]).toEqual([line, 3]);
    expect(err).toMatch(/^econ: econ\.yaml:[0-9]+: /);
    expect(err).toContain("econ verify");
  }
});
