import type { Environment } from "../economy/environment.ts";
import type { Bundle } from "../economy/resources.ts";

/** An action as an agent writes it: amounts are plain numbers of credits. */
export type ActionRequest =
  | {
      action: "bid";
      resources: Bundle;
      payload: string[];
      amount?: number;
      upTo?: number;
      notBefore?: number;
    }
  | { action: "raise"; id: string; amount: number; upTo?: number }
  | { action: "withdraw"; id: string }
  | { action: "transfer"; to: string; amount: number; memo?: string }
  | { action: "message"; to: string; content: unknown }
  | {
      action: "spawn";
      logic: string | Record<string, string>;
      credits: number;
      name?: string;
    }
  | { action: "prompt"; content: unknown; amount: number };

export type Wake<State> = Environment & {
  /** The agent's own state.json as it left it; null the first time. */
  state: State | null;
};

export type Decision<State> = {
  actions: ActionRequest[];
  /** Written to state.json. */
  state: State;
  /** Further text files to write in the workspace, e.g. MEMORY.md. */
  files?: Record<string, string>;
};

export type Strategy<State> = (wake: Wake<State>) => Decision<State>;
