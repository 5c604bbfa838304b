// Whether a run waits for a provider: meanwhile its clock stands still.

export type Busy = {
  /** One more call that is waited for, or one less. */
  add(calls: 1 | -1): void;
  on(listener: (busy: boolean) => void): void;
};

export function busyCount(): Busy {
  let calls = 0;
  const listeners: ((busy: boolean) => void)[] = [];
  return {
    add(more) {
      const before = calls > 0;
      calls += more;
      if (calls > 0 !== before) for (const listener of listeners) listener(calls > 0);
    },
    on(listener) {
      listeners.push(listener);
      if (calls > 0) listener(true);
    },
  };
}
