// Random economies, every part of which has to be written and read.
import fc from "fast-check";
import type { ModelCost } from "../../src/economy/models.ts";
import { bookCosts } from "../../src/economy/spending.ts";
import type { Agent, BidOrder, Economy } from "../../src/economy/state.ts";
import * as fixture from "./fixture.ts";

const amount = fc.integer({ min: 1, max: 2_000_000_000 });
const words = fc.string({ unit: "grapheme", maxLength: 20 }).filter((t) => !t.includes("\0"));
const count = fc.nat(1_000);
const cycle = fc.nat(40);
const instant = fc
  .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
  .map((date) => date.toISOString());
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const quantity = fc.integer({ min: 1, max: 1_000_000 }).map((n) => n / 1000);
const offer = fc.option(amount);

const order: fc.Arbitrary<BidOrder> = fc.record({
  resources: fc.record({ tokens: quantity, cpu_seconds: quantity }, { requiredKeys: [] }),
  payload: fc.array(words, { maxLength: 3 }),
  amount: offer,
  upTo: offer,
  notBefore: cycle,
});

const life = fc.record({
  lineage: fc.array(name, { maxLength: 2 }),
  createdCycle: cycle,
  createdAt: instant,
  executions: count,
  lastExecution: fc.option(fc.record({ cycle, at: instant })),
  earned: amount,
  spent: amount,
  children: count,
  placed: count,
  crashes: count,
  providerFailures: count,
  notices: fc.array(fc.record({ cycle, text: words }), { maxLength: 3 }),
  lastOrder: fc.option(order),
  letters: fc.array(fc.record({ from: name, cycle, at: instant, content: words }), {
    maxLength: 3,
  }),
  bids: fc.array(fc.record({ order, placed: cycle, lost: count }), { maxLength: 2 }),
  prompts: fc.array(
    fc.record({
      content: words,
      format: fc.constantFrom("markdown", "json"),
      amount,
      placed: cycle,
    }),
    { maxLength: 2 },
  ),
  endowment: amount,
});

const cost: fc.Arbitrary<ModelCost> = fc.record({
  agent: name,
  model: fc.constantFrom("", "haiku", "local.v2"),
  calls: count,
  input: count,
  cachedInput: count,
  cacheWrite: count,
  output: count,
  milliTokens: count,
  dollars: fc.nat(2_000_000),
});

export const economies: fc.Arbitrary<Economy> = fc
  .record({
    lives: fc.dictionary(name, life, { maxKeys: 5 }),
    cycle: fc.nat(30),
    time: instant,
    seed: fc.string({ minLength: 1, maxLength: 20 }),
    prices: fc.array(amount, { minLength: 5, maxLength: 5 }),
    isShown: fc.boolean(),
    minted: fc.record({ day: fc.constantFrom("", "2026-01-01"), amount }),
    costs: fc.array(cost, { maxLength: 4 }),
    paused: fc.option(fc.record({ by: words, at: instant, reason: words })),
  })
  .map(({ lives, isShown, prices, costs, ...world }) => {
    const economy: Economy = { ...fixture.newEconomy(), ...world };
    bookCosts(economy, costs);
    economy.changes.events = [];
    for (const [id, { letters, bids, prompts, endowment, ...rest }] of Object.entries(lives)) {
      const inbox = letters.map((letter, index) => ({ n: index + 1, to: id, ...letter }));
      fixture.endow(economy, id, endowment);
      const agent: Agent = { ...fixture.newAgent(id), ...rest, inbox, letters: inbox.length };
      economy.agents.set(id, agent);
      economy.changes.agents.add(id);
      economy.changes.mail.push(...inbox);
      bids.forEach(({ order, ...rest }, index) => {
        const bid = { ...order, ...rest, id: `${id}-0-${index}`, agent: id };
        economy.bids.set(bid.id, bid);
        economy.changes.bids.add(bid.id);
      });
      prompts.forEach((rest, index) => {
        const prompt = { ...rest, id: `${id}-0-p${index}`, agent: id, shown: null };
        economy.changes.prompts.add(prompt.id);
        if (isShown && !economy.active) economy.active = { ...prompt, shown: 3 };
        else economy.queue.set(prompt.id, prompt);
      });
    }
    [...economy.markets.values()].forEach((market, index) => {
      const price = prices[index] ?? 1;
      const sale = { cycle: 1, bid: "a-1-1", agent: "a", quantity: 0.5, amount: price };
      economy.markets.set(market.resource, { ...market, price, demand: 0.25, sales: [sale] });
    });
    return economy;
  });
