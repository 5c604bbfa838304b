import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { roundedAmount } from "../../src/economy/money.ts";
import {
  amountColumn,
  bytesText,
  counted,
  creditsText,
  percentText,
  quantityText,
  timeText,
} from "../../src/view/amounts.ts";

describe("amounts for people", () => {
  const cases: [micro: number, shown: string][] = [
    [0, "0"],
    [1, "0.000001"],
    [12_345, "0.0123"],
    [150_000, "0.15"],
    [999_999, "1"],
    [1_000_000, "1"],
    [1_234_567, "1.23"],
    [3_450_000_000, "3,450"],
    [1_234_567_890_000, "1,234,567.89"],
    [-20_500_000, "-20.5"],
  ];
  for (const [micro, shown] of cases)
    test(`${micro} micro-credits read ${shown}`, () => expect(roundedAmount(micro)).toBe(shown));

  test("never further off than half of the last digit shown", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000, max: 1_000_000_000_000 }), (micro) => {
        const shown = Number(roundedAmount(micro).replaceAll(",", ""));
        expect(Math.abs(shown - micro / 1_000_000)).toBeLessThanOrEqual(0.005000001);
      }),
    );
  });

  test("a column has its points in line", () => {
    expect(amountColumn([5_200_000, 120_000_000, null, 10_000])).toEqual([
      "5.2 ",
      "120   ",
      "–   ",
      "0.01",
    ]);
  });
});

test("other numbers", () => {
  expect(creditsText(1_000_000)).toBe("1 credit");
  expect(quantityText(10_000.5)).toBe("10,000.5");
  expect(quantityText(0.001)).toBe("0.001");
  expect([percentText(0), percentText(0.2), percentText(79.6)]).toEqual(["0%", "<1%", "80%"]);
  expect([counted(1, "agent"), counted(2_000, "agent")]).toEqual(["1 agent", "2,000 agents"]);
  expect([bytesText(77), bytesText(1_234), bytesText(3_000_000)]).toEqual([
    "77 B",
    "1.2 KiB",
    "2.9 MiB",
  ]);
  expect(timeText("2026-11-21T14:15:40.000Z")).toBe("2026-11-21 14:15:40");
});
