// The rules in force, by their names in econ.yaml. What a person changed stands out.

import { toCredits } from "../economy/money.ts";
import { mapAmounts } from "../economy/rule-amounts.ts";
import { type Rules, rulesSchema } from "../economy/rules.ts";
import { type Cell, type Column, hint, type Look, table } from "./tables.ts";

export type Setting = { key: string; value: string; usual: string };

/** Every rule as "economy.spawn_cost"; amounts in credits. */
export function settingsOf(rules: Rules, under = ""): Setting[] {
  const now = new Map(leaves(mapAmounts(rules, toCredits), ""));
  const usual = new Map(leaves(mapAmounts(rulesSchema.parse({}), toCredits), ""));
  const keys = [...now.keys()].filter((key) => key === under || isUnder(key, under));
  return keys.map((key) => ({
    key,
    value: now.get(key) ?? "",
    usual: usual.get(key) ?? "not set",
  }));
}

function isUnder(key: string, group: string): boolean {
  return group === "" || key.startsWith(`${group}.`);
}

function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, path === "" ? key : `${path}.${key}`),
  );
}

export function configView(settings: Setting[], look: Look): string {
  const { paint } = look;
  const columns: Column[] = [{ title: "RULE" }, { title: "VALUE" }, { title: "", flexible: true }];
  const rows = settings.map(({ key, value, usual }): Cell[] => {
    const changed = value !== usual;
    const shown = changed ? { text: value, style: paint.strong } : value;
    return [key, shown, changed ? { text: `usually ${usual}`, style: paint.quiet } : ""];
  });
  const how = hint("Change them in econ.yaml; they apply from the next cycle.", look);
  return [table(columns, rows, look), how].join("\n");
}
