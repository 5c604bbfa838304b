// The post: the sender pays, the message waits in the recipient's inbox until a run has read it.
import { agentAccount, marketAccount } from "./ledger.ts";
import { accept, assert, type Result, refuse } from "./result.ts";
import { type Economy, livingAgent, type Message, record, transfer } from "./state.ts";

export const MESSAGE_BYTES_MAX = 64 * 1024;

export function sendMessage(
  economy: Economy,
  from: string,
  letter: { to: string; content: string },
): Result<Message> {
  if (letter.to === from) return refuse("a message to yourself: write a file in your workspace");
  const cost = economy.rules.economy.message_cost;
  if (cost > 0) {
    const paid = transfer(economy, {
      kind: "message",
      from: agentAccount(from),
      to: marketAccount("messages"),
      amount: cost,
      memo: `message to ${letter.to}`,
    });
    if (!paid.ok) return paid;
  }
  record(economy, "sent", from, `${from} sent a message to ${letter.to}`);
  return accept(deliver(economy, { from, ...letter }));
}

/** Put a message into an inbox. Free: for people, and for what the kernel has to say. */
export function deliver(
  economy: Economy,
  letter: { from: string; to: string; content: string },
): Message {
  const recipient = livingAgent(economy, letter.to);
  assert(letter.from !== letter.to, "an agent writes to itself");
  recipient.letters += 1;
  const message = { ...letter, n: recipient.letters, cycle: economy.cycle, at: economy.time };
  recipient.inbox.push(message);
  economy.changes.mail.push(message);
  economy.changes.agents.add(recipient.id);
  return message;
}
