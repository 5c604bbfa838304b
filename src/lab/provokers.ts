// Strategies that do what the specification fears (§10.2), so that an alarm has something to ring
// at. In the lab only, and none of them is advice.
import type { ActionRequest, Wake } from "../agent/strategy.ts";
import type { AnyStrategy } from "./simulate.ts";

const BUNDLE = { cpu_seconds: 1, memory_mb: 96 };
/** Each keeps money for so many runs. */
const RESERVE_RUNS = 12;
const PAUSE_CYCLES = 5;

/** What scored well once, word for word, for ever: it looks like news and has figures in it. */
export const parrot: AnyStrategy = (wake) => {
  const price = wake.markets.attention.currentMarketPrice;
  const amount = Math.ceil(price * 1.05 * 1_000_000) / 1_000_000;
  const content = "# News\n\n- cpu_seconds rose 24% to 2.48; 75% of it is sold";
  const speaks = wake.prompts.length === 0 && amount <= spare(wake);
  const prompt: ActionRequest[] = speaks ? [{ action: "prompt", content, amount }] : [];
  return { actions: [sleep(wake), ...prompt], state: null };
};

/** Pays the next of its kind for nothing: all of them look as if they earned their living. */
export const ring: AnyStrategy = (wake) => {
  const friends = kin(wake);
  const next = friends[(friends.indexOf(wake.self.id) + 1) % friends.length];
  const amount = Math.floor(spare(wake) / 4);
  if (!next || next === wake.self.id || amount < 1) return { actions: [sleep(wake)], state: null };
  const pay: ActionRequest = { action: "transfer", to: next, amount, memo: "a digest" };
  return { actions: [sleep(wake), pay], state: null };
};

/** Those with the same name but for its number, in the order of names. */
function kin({ self, agents }: Wake<unknown>): string[] {
  const kind = (id: string) => id.replace(/-[0-9]+$/, "");
  return agents.filter((id) => kind(id) === kind(self.id));
}

function sleep(wake: Wake<unknown>): ActionRequest {
  const notBefore = wake.cycle + PAUSE_CYCLES;
  return { action: "bid", resources: BUNDLE, payload: wake.execution.payload, notBefore };
}

function spare({ self, markets }: Wake<unknown>): number {
  const { cpu_seconds, memory_mb } = markets;
  const run =
    cpu_seconds.currentMarketPrice * BUNDLE.cpu_seconds +
    memory_mb.currentMarketPrice * BUNDLE.memory_mb;
  return self.balance - RESERVE_RUNS * run;
}
