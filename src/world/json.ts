// JSON as the world writes it: sorted keys, two spaces, a final newline, so that equal values are
// equal bytes and a diff shows what changed. Text that already has this form is parsed at full
// speed; any other is scanned for what JSON.parse does not tell: lines, keys given twice.
import { assert } from "../economy/result.ts";
import { scanJson } from "./json-scan.ts";
import type { Located, Parsed, Path } from "./schema.ts";

export function canonicalJson(value: unknown): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

export function parseJson(text: string): Parsed {
  const value = parseCanonical(text);
  if (value !== undefined) return { ok: true, value, lineOf: lineFinder(text) };
  const scan = scanJson(text);
  if (!scan.ok) return scan;
  return { ok: true, value: JSON.parse(text), lineOf: (path) => lineIn(scan.lines, path) };
}

/**
 * The value if the text is laid out as we would write it: then no key can be there twice, since
 * written again the text would be shorter.
 */
function parseCanonical(text: string): unknown {
  if (text.includes('"__proto__"')) return undefined;
  try {
    const value = JSON.parse(text);
    return `${JSON.stringify(value, null, 2)}\n` === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function lineFinder(text: string): Located["lineOf"] {
  let lines: Map<string, number> | null = null;
  return (path) => {
    if (!lines) {
      const scan = scanJson(text);
      lines = scan.ok ? scan.lines : new Map();
    }
    return lineIn(lines, path);
  };
}

/** The line of a value, or of the nearest thing around it that is there. */
function lineIn(lines: Map<string, number>, path: Path): number | null {
  for (let length = path.length; length >= 0; length--) {
    const line = lines.get(JSON.stringify(path.slice(0, length).map(String)));
    if (line !== undefined) return line;
  }
  return null;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value === "number") assert(Number.isFinite(value), `${value} has no JSON`);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    assert(key !== "__proto__", "__proto__ is not a key");
    copy[key] = sorted((value as Record<string, unknown>)[key]);
  }
  return copy;
}
