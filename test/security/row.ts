// What the table of hostile inputs is made of. A line is one input; under its number stand those
// that belong together. What comes of it is found out here, in words, and must be what the line
// says; or a test elsewhere states it, and its title is the answer.
import type { Sandbox } from "../../src/execution/sandbox.ts";

/** A driver, or the one for docker on a daemon whose runtime is gVisor. */
export type Driver = Sandbox["name"] | "gVisor";

/** One way in which an input is tried here. */
export type Trial = {
  /** What a person reads: "bubblewrap", "a whole world", "the terminal". */
  where: string;
  /** The trial is skipped on a machine without it; in CI that is a failure. */
  needs: Driver | "tmux" | "groups" | null;
  outcome: string;
  /** What really comes of it, in the same words. */
  attempt(sandbox: Sandbox | null): Promise<string> | string;
};

export type Line =
  | { number: number; input: string; trials: Trial[] }
  /** Stated by tests elsewhere: a file below test/, and titles as they stand in it. */
  | { number: number; input: string; file: string; titles: string[] }
  /** Concerns what econ does not have; why. */
  | { number: number; input: string; notBuilt: string };

/** The same in each of these drivers; what comes of it may differ. */
export function inDrivers(
  number: number,
  input: string,
  attempt: (sandbox: Sandbox) => Promise<string>,
  outcomes: Partial<Record<Driver, string>>,
): Line {
  const trials = Object.entries(outcomes).map(([name, outcome]) => ({
    where: name,
    needs: name as Driver,
    outcome,
    attempt: (sandbox: Sandbox | null) => attempt(sandbox as Sandbox),
  }));
  return { number, input, trials };
}

export function tried(
  number: number,
  input: string,
  where: string,
  outcome: string,
  attempt: () => Promise<string> | string,
  needs: Trial["needs"] = null,
): Line {
  return { number, input, trials: [{ where, needs, outcome, attempt }] };
}

export function stated(number: number, input: string, file: string, titles: string[]): Line {
  return { number, input, file, titles };
}

export function notBuilt(number: number, input: string, because: string): Line {
  return { number, input, notBuilt: because };
}
