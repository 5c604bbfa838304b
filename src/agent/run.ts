// Runs a strategy in the sandbox: read what the agent sees, decide, do it, remember.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { refuseInWorkspace } from "../world/path-rules.ts";
import { act, currentSession, type Session } from "./session.ts";
import type { Strategy } from "./strategy.ts";

const STATE = "state.json";

/** Do what the strategy decides, in order. Prints a line for each action. */
export function run<State>(strategy: Strategy<State>): void {
  const session = currentSession();
  const state = readState<State>(session);
  const decision = strategy({ ...session.environment, state });
  for (const request of decision.actions) {
    const answer = act(session, request);
    const id = answer.ok && answer.value !== true ? ` ${answer.value}` : "";
    console.log(`${request.action}: ${answer.ok ? `accepted${id}` : `refused: ${answer.reason}`}`);
  }
  for (const [path, text] of Object.entries(decision.files ?? {})) write(session, path, text);
  write(session, STATE, `${JSON.stringify(decision.state, null, 2)}\n`);
}

/** A state that cannot be read is as good as none: an agent must survive its own bad file. */
export function readState<State>({ workspace }: Session): State | null {
  let text: string;
  try {
    text = readFileSync(join(workspace, STATE), "utf8");
  } catch {
    return null;
  }
  try {
    return JSON.parse(text) as State;
  } catch {
    console.log(`${STATE}: not JSON, so this run starts without it`);
    return null;
  }
}

function write({ workspace }: Session, path: string, text: string): void {
  const wrong = refuseInWorkspace(path);
  if (wrong) {
    console.log(`${path}: not written: ${wrong}`);
    return;
  }
  const file = join(workspace, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
