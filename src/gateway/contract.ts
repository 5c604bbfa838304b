// The model gateway as the rest of the toolkit sees it. For each run that bought tokens there is
// one session: towards the sandbox it is connections of HTTP/1.1 bytes, towards the kernel it is
// the list of the calls that were made, with what they cost.
import type { ModelCost, Usage } from "../economy/models.ts";

/** One connection, as bytes both ways. Either side may end it. */
export type ByteStream = {
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
};

/** What a driver is given: how a program inside reaches the gateway. */
export type Gateway = {
  /** A new connection; called once for each that a program inside opens on the loopback port. */
  connect(): ByteStream;
  /** Variables for the programs inside, by the loopback port that leads to the gateway. */
  environment(port: number): Record<string, string>;
  /** Tells when model calls are open and when none is: meanwhile the run's clock stands still. */
  onBusy(listener: (busy: boolean) => void): void;
};

/** One call as the trace keeps it: enough to answer the same call again without the provider. */
export type ModelCall = {
  /** SHA-256 of method, path and body as the agent sent them. */
  digest: string;
  /** The world's name of the model; "" where the call named none that there is. */
  model: string;
  /** The body of the request, as JSON; undefined where a trace does not keep it. */
  request: unknown;
  /** The answer, exactly: its status, content type, when to ask again, and text. */
  status: number;
  type: string;
  retryAfter?: string;
  body: string;
  /** What was counted; null where nothing was used (a refusal, a failure). */
  usage: Usage | null;
  /** Nobody knows what it took: `usage` is the worst case. */
  worst?: true | undefined;
  milliTokens: number;
  /** Millionths of a dollar. */
  dollars: number;
  /** The provider failed, not the agent: nobody's fault. */
  failed: boolean;
};

/** What a run's session leaves. */
export type SessionRecord = {
  calls: ModelCall[];
  /** Why the provider failed the run, if it did: such a run is nobody's death. */
  providerFailed: string | null;
};

export type Session = { gateway: Gateway; close(): Promise<SessionRecord> };

export type SessionRequest = {
  /** The bid that won: names the run. */
  id: string;
  agent: string;
  /** Bought tokens of the bundle. */
  tokens: number;
};

/** Gives each run its session: live towards the providers, or from recorded answers. */
export type Models = {
  open(request: SessionRequest): Session;
  /** All that was paid since the last commit, abandoned attempts included, summed up. */
  costs(): ModelCost[];
  /** After the commit: what was paid is in the books now. */
  committed(): void;
};
