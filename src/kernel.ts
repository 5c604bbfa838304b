// The shell around the pure cycle: what the commands and the daemon may ask of a world.
export { type Acted, act } from "./kernel/act.ts";
export { type Created, type Creation, createWorld } from "./kernel/create.ts";
export { type Chapter, chronicle, type Loaded, loadEconomy, verifyWorld } from "./kernel/load.ts";
export type { OpenOptions } from "./kernel/open.ts";
export type { Outcome } from "./kernel/outcome.ts";
export { personId, personOf } from "./kernel/people.ts";
export { sandboxFor } from "./kernel/sandbox.ts";
export { scoreActive, type Verdict } from "./kernel/score.ts";
export { agentTemplate, agentTemplateNames, presetNames } from "./kernel/templates.ts";
export { planTick, type TickOptions, type TickPlan, type TickReport, tick } from "./kernel/tick.ts";
export { findWorld } from "./world/find.ts";
