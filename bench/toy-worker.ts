// A worker of bench/agents.ts: one toy economy at a time.
import { type Toy, withRules } from "./toy-economy.ts";

declare const self: {
  onmessage: ((event: { data: Toy }) => void) | null;
  postMessage: (outcome: unknown) => void;
};

self.onmessage = async ({ data }) => self.postMessage(await withRules(data));
