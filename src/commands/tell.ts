import { tellAgent } from "../economy/acts.ts";
import { MESSAGE_BYTES_MAX } from "../economy/messages.ts";
import { defineAct } from "./command.ts";
import { actAs, type Context, fail } from "./context.ts";

export const tell = defineAct({
  name: "tell",
  summary: "write to an agent",
  about:
    "Puts a message from you into an agent's inbox, as a commit of its own. It is free, and " +
    "the agent reads it when its next bid wins. With - for the message, it is read from the " +
    "input.",
  examples: [
    ["econ tell scribe Write shorter prompts, please.", "the words that follow are the message"],
    ["econ tell scribe - < letter.md", "a file as the message"],
  ],
  arguments: [
    { name: "<agent>", about: "who gets it", complete: "agents" },
    { name: "<message...>", about: "the message, or - to read it from the input" },
  ],
  run: async (context, [to = "", ...words], { json }) => {
    const content =
      words.length === 1 && words[0] === "-" ? await readInput(context) : words.join(" ");
    if (content === null)
      return fail(context, `the message is longer than ${MESSAGE_BYTES_MAX} bytes`);
    const act = { command: "tell", subject: `tell ${to}`, json };
    return actAs(context, act, (economy) => tellAgent(economy, { to, content }));
  },
});

/** The whole input as text, or null when it is longer than a message may be. */
async function readInput({ stdin, err }: Context): Promise<string | null> {
  if (stdin.isTTY) err("Write the message; end it with Ctrl-D on a line of its own.");
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MESSAGE_BYTES_MAX) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8").trimEnd();
}
