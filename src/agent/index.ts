export type { ActionRequest, Decision, Strategy, Wake } from "./strategy.ts";
