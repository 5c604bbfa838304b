// The models of a world as the provider's API lists models.
import type { Rules } from "../economy/rules.ts";
import { JSON_TYPE, type WholeAnswer } from "./wire.ts";

/** The API's own way to say that the day of a release is not known. */
const UNKNOWN_DAY = "1970-01-01T00:00:00Z";

export function modelList({ models }: Rules): WholeAnswer {
  const data = Object.entries(models).map(([id, model]) => ({
    type: "model",
    id,
    display_name: model.id,
    created_at: UNKNOWN_DAY,
  }));
  const ends = { first_id: data.at(0)?.id ?? null, last_id: data.at(-1)?.id ?? null };
  return { status: 200, type: JSON_TYPE, body: JSON.stringify({ data, has_more: false, ...ends }) };
}
