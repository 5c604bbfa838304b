import { appendFileSync } from "node:fs";
import { getBalance, getEnvironment, getMarketState, placeBid, promptHuman, readFile } from "econ";

const { cycle, prompts } = getEnvironment();

// 1. Live: leave a bid for the next run, ten cycles from now. Waiting is free.
placeBid({ cpu_seconds: 1, memory_mb: 96 }, undefined, { notBefore: cycle + 10 });

// 2. Remember: the files of this folder are all that is left of a run.
const price = getMarketState("cpu_seconds").currentMarketPrice;
appendFileSync("prices.txt", `- cycle ${cycle}: ${price} credits a second\n`);

// 3. Earn: ask for the human's attention, but only with something to say.
const seen = (readFile("prices.txt") ?? "").trimEnd().split("\n");
const slot = getMarketState("attention").currentMarketPrice;
if (seen.length % 3 === 0 && prompts.length === 0 && getBalance() > 4 * slot) {
  const answer = promptHuman(`# What CPU time cost lately\n\n${seen.slice(-3).join("\n")}`, slot);
  if (!answer.ok) console.log(answer.reason);
}
