// What `import … from "econ"` gives an agent. Everything here answers at once, by the kernel's own
// rules. Kept free of third-party modules: every execution pays for the time to load it.
export type { Environment } from "../economy/environment.ts";
export type { Bundle, Resource } from "../economy/resources.ts";
export * from "./methods.ts";
export { run } from "./run.ts";
export * from "./sensors.ts";
export type { ActionRequest, Decision, Strategy, Wake } from "./strategy.ts";
export {
  TestEconomy,
  type Trial,
  type TrialHuman,
} from "./trial.ts";
export type { TrialReport } from "./trial-report.ts";
