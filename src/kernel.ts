// The shell around the pure cycle: what the commands and the daemon may ask of a world.
export { act } from "./kernel/act.ts";
export { Continuity } from "./kernel/continuity.ts";
export { createWorld } from "./kernel/create.ts";
export { type Chapter, chronicle, glance } from "./kernel/glance.ts";
export { loadEconomy, loadWith, verifyWorld } from "./kernel/load.ts";
export type { Outcome } from "./kernel/outcome.ts";
export { openParcel, packParcel, parcelBytesMax } from "./kernel/parcel.ts";
export { permissionsAsked, permissionsMissing, permit } from "./kernel/permissions.ts";
export { type Difference, type Replay, replayHistory } from "./kernel/replay.ts";
export { sandboxesFor, sandboxFor } from "./kernel/sandbox.ts";
export { scoreActive } from "./kernel/score.ts";
export { readSource } from "./kernel/source.ts";
export { agentTemplate, agentTemplates, presetConfig, presetNames } from "./kernel/templates.ts";
export { planTick, type TickOptions, type TickPlan, type TickReport, tick } from "./kernel/tick.ts";
export { findWorld } from "./world/find.ts";
