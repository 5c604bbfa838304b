// Models that answer nothing, without a network: what a session leaves is drawn. They stand at the
// port where the gateway stands, so that costs and traces take their way into the world's files.
import type { ModelCost } from "../../src/economy/models.ts";
import type { ModelCall, Models } from "../../src/gateway/contract.ts";
import { type Dice, diceFor } from "./dice.ts";

/** In some lives agents have no models. */
export const isMute = (seed: string) => diceFor(seed, "models").percent(40);

export function drawnModels(seed: string): Models {
  let paid: ModelCost[] = [];
  const mute = isMute(seed);
  return {
    open({ id, agent }) {
      const dice = diceFor(seed, `models/${id}`);
      const calls = Array.from({ length: mute ? 0 : dice.below(4) }, (_, n) => callOf(dice, n));
      for (const { model, usage, milliTokens, dollars } of calls)
        if (usage) paid.push({ agent, model, calls: 1, ...usage, milliTokens, dollars });
      const providerFailed = !mute && dice.percent(20) ? "529 \u001b[31moverloaded" : null;
      const connect = () => {
        throw new Error("a drawn run opens no connection");
      };
      const gateway = { connect, environment: () => ({}), onBusy: () => {} };
      return { gateway, close: async () => ({ calls, providerFailed }) };
    },
    costs: () => paid,
    committed: () => {
      paid = [];
    },
  };
}

function callOf(dice: Dice, n: number): ModelCall {
  const isPaid = dice.percent(80);
  const usage = { input: dice.below(500), cachedInput: 0, cacheWrite: 0, output: dice.below(90) };
  const messages = Array.from({ length: n + 1 }, (_, turn) => ({ role: "user", content: turn }));
  return {
    digest: `${n}`,
    model: dice.pick(["haiku", "haiku", "opus"]),
    request: dice.percent(90) ? { messages } : dice.pick([null, [], "x".repeat(9_000)]),
    status: isPaid ? 200 : 400,
    type: "application/json",
    body: dice.pick(["{}", "\u0000\n\u2028"]),
    usage: isPaid ? usage : null,
    milliTokens: isPaid ? 1_000 : 0,
    dollars: isPaid ? dice.pick([0, 1, 170, 2_500, 9_000]) : 0,
    failed: !isPaid && dice.percent(30),
  };
}
