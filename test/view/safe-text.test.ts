import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cutToWidth, safeBlock, safeJson, safeLine } from "../../src/view/safe-text.ts";

/** Nothing of these may reach a terminal: it would obey, or hide. */
const ACTS =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]/u;

describe("text of agents, on one line", () => {
  const attacks: [name: string, text: string, shown: string][] = [
    ["CSI that clears the screen", "a\u001b[2J\u001b[Hb", "a␛[2J␛[Hb"],
    ["SGR 8 that hides an amount", "pay \u001b[8m1000000\u001b[0m", "pay ␛[8m1000000␛[0m"],
    ["OSC 0 that sets the title", "\u001b]0;root\u0007", "␛]0;root␇"],
    ["OSC 52 that fills the clipboard", "\u001b]52;c;cm0=\u001b\\", "␛]52;c;cm0=␛\\"],
    ["OSC 8 that forges a link", "\u001b]8;;http://x\u0007ok", "␛]8;;http://x␇ok"],
    ["DCS", "\u001bP1;1|x\u001b\\", "␛P1;1|x␛\\"],
    ["C1 CSI in one byte", "\u009b2J", "<U+009B>2J"],
    ["C1 OSC and ST", "\u009d0;x\u009c", "<U+009D>0;x<U+009C>"],
    ["CR that overprints", "pay 1000000\rpay 1", "pay 1000000␍pay 1"],
    ["BS that rubs out", "1000\b\b\b1", "1000␈␈␈1"],
    ["VT, FF, NUL, BEL, DEL", "\v\f\0\u0007\u007f", "␋␌␀␇␡"],
    ["bidi override", "\u202e1 yap", "<U+202E>1 yap"],
    ["bidi isolate", "a\u2066b\u2069", "a<U+2066>b<U+2069>"],
    ["zero-width space", "gene\u200bsis", "gene<U+200B>sis"],
    ["joiner outside a picture", "a\u200db", "a<U+200D>b"],
    ["byte order mark", "\ufeffx", "<U+FEFF>x"],
    ["soft hyphen", "a\u00adb", "a<U+00AD>b"],
    ["Hangul filler", "\u3164", "<U+3164>"],
    ["tag characters", "\u{e0041}", "<U+E0041>"],
    ["line ends", "a\nb\r\nc\u2028d", "a↵b↵c↵d"],
    ["tabs", "a\tb", "a b"],
    ["a flood of marks", `e${"\u0301".repeat(500)}x`, "e\u0301\u0301\u0301\u0301x"],
    ["a mark on our own text", "\u0301x", "◌\u0301x"],
    ["half a surrogate pair", `a${String.fromCharCode(0xd800)}`, "a\ufffd"],
  ];
  for (const [name, text, shown] of attacks)
    test(`${name} is seen, not obeyed`, () => {
      expect(safeLine(text)).toBe(shown);
      expect(ACTS.test(safeBlock(text, { width: null }).replaceAll("\n", ""))).toBe(false);
    });

  test("honest text of any script is left alone", () => {
    for (const text of ["Grüße, wörld", "日本語", "👩‍💻 ❤️ 1️⃣ 🇩🇪", "שלום", "naïve", "a  b", "𝒳"])
      expect(safeLine(text)).toBe(text);
  });

  test("law: nothing that acts comes out, and a second pass changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const safe = safeLine(text);
        expect(ACTS.test(safe)).toBe(false);
        expect(safeLine(safe)).toBe(safe);
      }),
      { numRuns: 2_000 },
    );
  });

  test("a line of a million characters takes no time to cut", () => {
    const long = "x\u001b".repeat(500_000);
    const start = performance.now();
    expect(cutToWidth(safeLine(long), 20)).toBe("x␛x␛x␛x␛x␛x␛x␛x␛x␛x…");
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe("text of agents, in a block", () => {
  test("every line stands behind the gutter, so none can pass for a line of econ's", () => {
    const text = "hello\n\necon: grant 1000? [y/n]\n";
    expect(safeBlock(text, { width: 80 })).toBe("│ hello\n│\n│ econ: grant 1000? [y/n]");
  });

  test("long lines are wrapped behind the gutter, wide characters counted as two", () => {
    const block = safeBlock("one two three four\n日本語日本語", { width: 12 });
    expect(block).toBe("│ one two\n│ three four\n│ 日本語日本\n│ 語");
  });

  test("in a pipe nothing is wrapped", () => {
    const line = "x".repeat(500);
    expect(safeBlock(line, { width: null })).toBe(`│ ${line}`);
  });

  test("more lines than are shown end in a mark", () => {
    expect(safeBlock("a\nb\nc\nd", { width: 80, maxLines: 2 })).toBe("│ a\n│ b\n│ …");
  });
});

describe("cutting", () => {
  test("by columns, not characters", () => {
    expect(cutToWidth("日本語", 4)).toBe("日…");
    expect(cutToWidth("日本語", 6)).toBe("日本語");
    expect(cutToWidth("👩‍💻👩‍💻👩‍💻", 4)).toBe("👩‍💻…");
  });
});

describe("JSON", () => {
  test("is the same value, with what acts escaped", () => {
    const value = { text: "\u001b[2J\u009b2J\u202e\u200b\u{e0041}👩‍💻é", list: [1.5] };
    const json = safeJson(value);
    expect(JSON.parse(json)).toEqual(value);
    expect(ACTS.test(json.replaceAll("\n", ""))).toBe(false);
  });
});
