// The rules in force, by their names in econ.yaml. What a person changed stands out.
import type { Rules } from "../economy/rules.ts";
import { type ConfigEntry, describeConfig } from "../world/config.ts";
import { type Cell, type Column, hint, type Look, table } from "./tables.ts";

export type Setting = { key: string; value: string; usual: string };

/** Every rule as "economy.spawn_cost"; amounts in credits. */
export function settingsOf(rules: Rules, under = ""): Setting[] {
  const isWanted = (key: string) => under === "" || key === under || key.startsWith(`${under}.`);
  return describeConfig(rules)
    .filter(({ key }) => isWanted(key))
    .map(({ key, value, usual }) => ({
      key,
      value: valueText(value),
      usual: usual === null ? "not set" : valueText(usual),
    }));
}

/** As one would type it; what is empty has a word. */
function valueText(value: ConfigEntry["value"]): string {
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  return text === "" ? "none" : text;
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
