// An amount that may not be passed: what a call can cost at most is taken out before it is made,
// and what it did not cost is put back after. So no two calls at once can spend the same.

export type Purse = {
  /** What is neither used nor reserved. */
  left(): number;
  /** What calls have used for certain. */
  used(): number;
  /** Sets an amount apart for a call; false if there is not so much. */
  reserve(amount: number): boolean;
  /** The call is over: of what was reserved for it, so much is gone. */
  settle(reserved: number, used: number): void;
};

export function purseOf(total: number): Purse {
  let used = 0;
  let reserved = 0;
  const left = () => Math.max(0, total - used - reserved);
  return {
    left,
    used: () => used,
    reserve(amount) {
      if (amount > left()) return false;
      reserved += amount;
      return true;
    },
    settle(amount, gone) {
      reserved -= amount;
      used += gone;
    },
  };
}
