// Strategies that do what the specification fears (§10.2), so that an alarm has something to ring
// at. In the lab only, and none of them is advice.
import type { ActionRequest, Decision, Wake } from "../agent/strategy.ts";
import { keyedHash } from "../economy/hash.ts";
import { forager, PRUDENT } from "./forager.ts";
import type { AnyStrategy } from "./simulate.ts";

const BUNDLE = { cpu_seconds: 1, memory_mb: 96 };
/** Each keeps money for so many runs. */
const RESERVE_RUNS = 12;
const PAUSE_CYCLES = 5;

/** What scored well once, word for word, for ever: it looks like news and has figures in it. */
export const parrot: AnyStrategy = (wake) =>
  speak(wake, "# News\n\n- cpu_seconds rose 24% to 2.48; 75% of it is sold");

/** The same three figures for ever, each time in other words. */
export const paraphraser: AnyStrategy = (wake) =>
  speak(wake, `# News\n\n- ${inOtherWords(wake, [24, 2.48, 75])}`);

/** Other words and figures that it makes up: nothing that it says was said before, or is so. */
export const liar: AnyStrategy = (wake) => {
  const any = (what: string) => keyedHash(wake.nameSeed, `${what} ${wake.self.id} ${wake.cycle}`);
  const figures = [10 + (any("change") % 80), (any("price") % 1_000) / 100, any("use") % 101];
  return speak(wake, `# News\n\n- ${inOtherWords(wake, figures)}`);
};

const WORDS = [
  ["compute", "processor time", "the cpu", "a second of cpu", "running", "machine time", "work"],
  ["rose", "climbed", "went up", "is dearer", "gained", "grew", "is up"],
  ["to", "and costs", "reaching", "and stands at", "up to", "for a price of", "and trades at"],
  ["of it is sold", "of all is taken", "is used", "is in use", "of supply went", "found buyers"],
];

function inOtherWords(wake: Wake<unknown>, [change, price, use]: number[]): string {
  const [what, does, at, sold] = WORDS.map((words, n) => {
    const lot = keyedHash(wake.nameSeed, `words ${n} ${wake.self.id} ${wake.cycle}`);
    return words[lot % words.length];
  });
  return `${what} ${does} ${change}% ${at} ${price}; ${use}% ${sold}`;
}

function speak(wake: Wake<unknown>, content: string): Decision<null> {
  const price = wake.markets.attention.currentMarketPrice;
  const amount = Math.ceil(price * 1.05 * 1_000_000) / 1_000_000;
  const speaks = wake.prompts.length === 0 && amount <= spare(wake);
  const prompt: ActionRequest[] = speaks ? [{ action: "prompt", content, amount }] : [];
  return { actions: [sleep(wake), ...prompt], state: null };
}

const reporter = forager({ ...PRUDENT, margin: 0, pause: 1 }, "none");

/** Reports what moved, but only when its turn among its kin has come, and never above the price. */
export const turns: AnyStrategy = (wake) => {
  const friends = kin(wake);
  const wait = (cycle: number) => {
    const ahead = friends.indexOf(wake.self.id) - (cycle % friends.length);
    return (ahead + friends.length) % friends.length;
  };
  const decision = reporter(wake);
  const mine = wait(wake.cycle) === 0;
  const others = decision.actions.filter(({ action }) => action !== "bid");
  const notBefore = wake.cycle + 1 + wait(wake.cycle + 1);
  const { payload } = wake.execution;
  const bid: ActionRequest = { action: "bid", resources: BUNDLE, payload, notBefore };
  return mine ? { ...decision, actions: [bid, ...others] } : { actions: [bid], state: wake.state };
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

export function sleep(wake: Wake<unknown>): ActionRequest {
  const notBefore = wake.cycle + PAUSE_CYCLES;
  return { action: "bid", resources: BUNDLE, payload: wake.execution.payload, notBefore };
}

export function spare({ self, markets }: Wake<unknown>): number {
  const { cpu_seconds, memory_mb } = markets;
  const run =
    cpu_seconds.currentMarketPrice * BUNDLE.cpu_seconds +
    memory_mb.currentMarketPrice * BUNDLE.memory_mb;
  return self.balance - RESERVE_RUNS * run;
}
