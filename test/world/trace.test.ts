import { expect, test } from "bun:test";
import type { RunReport } from "../../src/economy/cycle.ts";
import { environmentOf, ownView, publicView } from "../../src/economy/environment.ts";
import { credits } from "../../src/economy/money.ts";
import { readTrace, traceText } from "../../src/world/trace.ts";
import { born, emptyEconomy } from "../view/small-economy.ts";

const NOTHING = { output: "", calls: [], providerFailed: null };

function report(fates: RunReport["fates"]): RunReport {
  const economy = emptyEconomy();
  born(economy, "scribe", 100);
  const bid = economy.bids.get("scribe-0-1")!;
  const pays = credits(5.96);
  const shared = publicView(economy);
  const run = { bid, pays, own: ownView(economy, { bid, pays }), shared };
  return { run, ending: { kind: "crashed", detail: "exit code 1" }, fates };
}

test("a trace names what was shown by the hash of its JSON", () => {
  const run = report([]);
  const json = JSON.stringify(environmentOf(run.run));
  const hash = new Bun.CryptoHasher("sha256").update(json).digest("hex");
  for (const _ of ["the first winner", "another one"])
    expect(JSON.parse(traceText(run, NOTHING).split("\n")[0] ?? "").environment).toBe(hash);
});

test("a trace says again what was done, refused, and how it ended", () => {
  const text = traceText(
    report([
      { action: { action: "bid" }, ok: true, answer: "scribe-1-1" },
      { action: { action: "message", to: "x" }, ok: false, answer: "x is dead" },
      { action: null, ok: false, answer: "not JSON" },
    ]),
    { output: "thinking …", calls: [], providerFailed: null },
  );
  const lines = text.trimEnd().split("\n");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    bid: "scribe-0-1",
    paid: "5.96",
    payload: ["bun", "main.ts"],
    resources: { cpu_seconds: 1, memory_mb: 96 },
  });
  expect(lines.slice(1).join("\n")).toMatchInlineSnapshot(`
    "{"action":{"action":"bid"},"answer":"scribe-1-1","ok":true}
    {"action":{"action":"message","to":"x"},"answer":"x is dead","ok":false}
    {"action":null,"answer":"not JSON","ok":false}
    {"detail":"exit code 1","ending":"crashed","output":"thinking …"}"
  `);
  expect(readTrace(text, 42)).toEqual({
    cycle: 42,
    ending: "crashed",
    detail: "exit code 1",
    done: 1,
    refused: [
      { action: "message", reason: "x is dead" },
      { action: "an action", reason: "not JSON" },
    ],
    calls: [],
    providerFailed: null,
    output: "thinking …",
  });
});

test("a line is bounded, and what is no trace is passed over", () => {
  const action = { action: "message", content: "x".repeat(100_000) };
  const text = traceText(report([{ action, ok: true, answer: true }]), NOTHING);
  expect(text.length).toBeLessThan(1_000);
  expect(readTrace(`${text}not json\n[1]\nnull\n`, 1).done).toBe(1);
});
