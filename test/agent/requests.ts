// Requests that an agent of a tiny economy might make, sensible and not.
import fc from "fast-check";
import type { ActionRequest } from "../../src/agent/strategy.ts";

/** A folder that can be spawned. */
export const CHILD = { "child/main.sh": "econ bid --cpu 1 --memory 96\n" };

const amount = fc.constantFrom(0, -1, 0.000001, 0.1 + 0.2, 5, 50, 60, 150, 390, 1e10, 1.0000001);
const who = fc.constantFrom("ada", "bob", "cyd", "ghost", "kim", "kid", "nobody", "Not A Name");
const own = fc.constantFrom("ada-1-1", "ada-1-2", "ada-1-p1", "ada-1-p2", "bob-0-1", "nope");
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

export const request: fc.Arbitrary<ActionRequest> = fc.oneof(
  fc.record({
    action: fc.constant("bid" as const),
    resources: fc.constantFrom(
      { cpu_seconds: 1, memory_mb: 96 },
      { cpu_seconds: 0.5, memory_mb: 64, tokens: 500 },
      { gpu_seconds: 1 },
      { tokens: 20_000 },
      {},
    ),
    payload: fc.constant(["bun", "main.ts"]),
    amount: some(amount),
    upTo: some(amount),
    notBefore: some(fc.constantFrom(0, 8, 1000, 1007, 1008)),
  }),
  fc.record({ action: fc.constant("raise" as const), id: own, amount, upTo: some(amount) }),
  fc.record({ action: fc.constant("withdraw" as const), id: own }),
  fc.record({ action: fc.constant("transfer" as const), to: who, amount }),
  fc.record({
    action: fc.constant("message" as const),
    to: who,
    content: fc.constantFrom<unknown>("hi", { a: 1 }, null),
  }),
  fc.record({
    action: fc.constant("spawn" as const),
    logic: fc.constantFrom<string | Record<string, string>>(
      "child",
      "missing",
      { "main.py": "" },
      { "../x": "" },
      { "notes.md": "" },
    ),
    credits: amount,
    // Not a dead name: of those the session knows nothing, so the kernel makes another of it.
    name: some(fc.constantFrom("kid", "bob", "human")),
  }),
  fc.record({
    action: fc.constant("prompt" as const),
    content: fc.constantFrom<unknown>("look", " ", [1]),
    amount,
  }),
) as fc.Arbitrary<ActionRequest>;
