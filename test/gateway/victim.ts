// A run in a process of its own, that can be killed: asks one question after the other and prints
// each answer when it has it.
import { inside, modelsOf } from "./help.ts";

const [url = "", folder = "", questions = ""] = process.argv.slice(2);
const models = modelsOf({ url, folder, durable: true });
const { client, session } = await inside(models, 2_000);
for (let n = 0; n < Number(questions); n++) {
  const messages = [{ role: "user" as const, content: `question ${n}` }];
  const asked = { model: "mind", max_tokens: 20, messages };
  const call = n % 2 ? client.messages.create(asked) : client.messages.stream(asked).finalMessage();
  const { content } = await call;
  console.log(JSON.stringify([n, content[0]?.type === "text" ? content[0].text : null]));
}
const { calls } = await session.close();
const dollars = (list: { dollars: number }[]) => list.reduce((sum, each) => sum + each.dollars, 0);
console.log(JSON.stringify({ calls: dollars(calls), costs: dollars(models.costs()) }));
process.exit(0);
