// The few `key: value` lines that the harness reads at the top of AGENTS.md, HEARTBEAT.md and
// SKILL.md. Folders come from other runtimes with front matter of all kinds, and an agent that
// spoils its own must not die of it: so what is not understood is passed over, never an error.

export type Front = { fields: Map<string, string>; body: string };

/** A text whose front matter has no end is all body. */
export function frontOf(text: string): Front {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---");
  if (lines[0]?.trimEnd() !== "---" || end < 0) return { fields: new Map(), body: text };
  const body = lines.slice(end + 1).join("\n");
  return { fields: fieldsOf(lines.slice(1, end)), body };
}

function fieldsOf(lines: string[]): Map<string, string> {
  const fields = new Map<string, string>();
  let key = "";
  for (const line of lines) {
    const match = /^([A-Za-z_][\w-]*)\s*:(?:\s+(.*))?$/.exec(line);
    if (match) {
      key = match[1] as string;
      fields.set(key, plain(match[2] ?? ""));
    } else if (key !== "" && /^\s+\S/.test(line)) {
      fields.set(key, `${fields.get(key)} ${line.trim()}`.trim());
    }
  }
  return fields;
}

/** Without quotes, a comment, or the mark of a text over several lines. */
function plain(value: string): string {
  const trimmed = value.trim();
  const quoted = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(trimmed);
  if (quoted) return quoted[2] as string;
  if (/^[>|][+-]?\d*$/.test(trimmed)) return "";
  return trimmed.replace(/(^|\s)#.*$/, "").trim();
}

/** A whole number within bounds; anything else counts as not given. */
export function wholeNumber(value: string | undefined, most: number): number | null {
  if (value === undefined || !/^\d{1,9}$/.test(value)) return null;
  const number = Number(value);
  return number >= 1 && number <= most ? number : null;
}
